#!/usr/bin/env python3
"""Converts a checkpoint folder that has only pytorch_model.bin, whole or in shards.

Writes model.safetensors beside it, with the same names, shapes and values. Where lm_head.weight is
the token embedding itself, as in every GPT-2 from OpenAI, it is left out, as Hugging Face does;
other tensors that share memory are written out each.

The checkpoint is a folder, or the name of a model on the hub, which is then downloaded first:

  to_safetensors.py my-model
  to_safetensors.py stanford-crfm/alias-gpt2-small-x21 --revision checkpoint-1000 --output alias

Needs: pip install torch safetensors; for a name, huggingface_hub too
"""

import argparse
import json
import os
import sys
from pathlib import Path


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", help="a folder, or the name of a model on the hub")
    parser.add_argument("--revision", help="branch, tag or commit of a model on the hub")
    parser.add_argument("--output", type=Path, help="the folder to download a model into")
    parser.add_argument("--overwrite", action="store_true", help="replace a model.safetensors")
    return parser.parse_args()


def folder_of(arguments):
    folder = Path(arguments.checkpoint)
    if folder.is_dir():
        if arguments.revision or arguments.output:
            sys.exit(f"{folder} is a folder: --revision and --output belong to a name on the hub")
        return folder
    if not arguments.output:
        sys.exit(f"{arguments.checkpoint} is no folder; to download it, say where to: --output")
    try:
        import huggingface_hub
    except ImportError as error:
        sys.exit(f"{error}\ntry: pip install huggingface_hub")
    huggingface_hub.snapshot_download(
        arguments.checkpoint,
        revision=arguments.revision,
        local_dir=arguments.output,
        allow_patterns=["*.json", "merges.txt", "pytorch_model*.bin"],
    )
    return arguments.output


def find_files(folder):
    index = folder / "pytorch_model.bin.index.json"
    if index.exists():
        shards = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
        return [folder / shard for shard in sorted(set(shards))]
    if (folder / "pytorch_model.bin").exists():
        return [folder / "pytorch_model.bin"]
    sys.exit(f"{folder} has no pytorch_model.bin")


def load(files):
    tensors = {}
    for file in files:
        try:
            # weights_only: a pickle from elsewhere must not run code.
            state = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # a corrupt pickle can raise anything
            sys.exit(f"{file} does not hold tensors and nothing else ({type(error).__name__})")
        if not isinstance(state, dict):
            sys.exit(f"{file} does not hold tensors by name but {type(state).__name__}")
        for name, tensor in state.items():
            if not isinstance(tensor, torch.Tensor):
                sys.exit(f"{file}: {name} is not a tensor but {type(tensor).__name__}")
            tensors[name] = tensor.detach()
    return tensors


def drop_tied_head(tensors):
    head = tensors.get("lm_head.weight")
    for name, tensor in tensors.items():
        if name.endswith("wte.weight") and head is not None and is_same(head, tensor):
            return {name: tensor for name, tensor in tensors.items() if name != "lm_head.weight"}
    return tensors


def is_same(a, b):
    return a.data_ptr() == b.data_ptr() and a.shape == b.shape and a.stride() == b.stride()


def main():
    arguments = parse_arguments()
    folder = folder_of(arguments)
    output = folder / "model.safetensors"
    if output.exists() and not arguments.overwrite:
        sys.exit(f"{output} exists: use --overwrite to replace it")
    import_libraries()
    tensors = drop_tied_head(load(find_files(folder)))
    # Cloned, because a file of safetensors may not hold two views of one buffer.
    tensors = {name: tensor.clone().contiguous() for name, tensor in tensors.items()}

    unfinished = output.with_suffix(".safetensors.part")
    safetensors.torch.save_file(tensors, unfinished, metadata={"format": "pt"})
    os.replace(unfinished, output)
    print(f"wrote {output}: {len(tensors)} tensors")


def import_libraries():
    global safetensors, torch
    try:
        import safetensors.torch
        import torch
    except ImportError as error:
        sys.exit(f"{error}\ntry: pip install torch safetensors")


if __name__ == "__main__":
    main()
