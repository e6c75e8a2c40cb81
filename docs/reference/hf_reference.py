#!/usr/bin/env python3
"""Writes what Hugging Face's GPT-2 computes on a checkpoint, for a comparison with Headlamp.

The file holds `tokens` [batch, pos] and, under `f32.` and `f64.` (the same weights, arithmetic in
float32 and float64; GPT-Neo's attention is computed in float32 in both):

    logits           [batch, pos, d_vocab]
    hidden_states.i  [batch, pos, d_model]      0: embedding; n_layers: after the final layer norm
    attentions.i     [batch, head, pos, pos]    query, key

With --columns N, for models whose logits would fill a disk, it holds instead `columns` [N], the
vocabulary entries kept, and under each precision:

    logits           [batch, last, N]           the last positions only with --last
    argmax           [batch, pos]               over the whole vocabulary
    logsumexp        [batch, pos]               over the whole vocabulary

Needs: pip install torch transformers safetensors
"""

import argparse
import sys
from pathlib import Path


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="a checkpoint folder, or a name on the hub such as gpt2")
    parser.add_argument("--output", type=Path, default=Path("reference.safetensors"))
    tokens = parser.add_mutually_exclusive_group(required=True)
    tokens.add_argument("--text", action="append", help="a prompt; repeat it for a batch")
    tokens.add_argument("--prompts", type=Path, help="a UTF-8 file with a prompt on each line")
    tokens.add_argument(
        "--random", nargs=2, type=positive, metavar=("BATCH", "POS"), help="random token ids"
    )
    parser.add_argument(
        "--bos",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="put the beginning-of-sequence token first, in place of the first random id",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of random token ids and columns (default: 0)"
    )
    parser.add_argument(
        "--precisions", nargs="+", choices=("f32", "f64"), default=("f32", "f64")
    )
    parser.add_argument("--columns", type=positive, metavar="N", help="keep N of the vocabulary")
    parser.add_argument(
        "--last", type=positive, metavar="POS", help="with --columns: keep the last POS positions"
    )
    arguments = parser.parse_args()
    if arguments.last and not arguments.columns:
        parser.error("--last needs --columns")
    return arguments


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not at least 1")
    return number


def load(model):
    config = transformers.AutoConfig.from_pretrained(model)
    # It is for half precision; with it, attention would not run in float64.
    config.reorder_and_upcast_attn = False
    # Only eager attention returns its patterns.
    return transformers.AutoModelForCausalLM.from_pretrained(
        model, config=config, attn_implementation="eager"
    ).eval()


def make_tokens(arguments, config):
    """Returns token ids [batch, pos]."""
    if arguments.random:
        rows = random_rows(*arguments.random, config, arguments)
    else:
        rows = text_rows(arguments)
    lengths = sorted({len(row) for row in rows})
    if len(lengths) != 1 or lengths == [0]:
        sys.exit(f"the prompts must have one length of at least 1 token: they have {lengths}")
    if lengths[0] > config.max_position_embeddings:
        sys.exit(
            f"{lengths[0]} tokens are too many: "
            f"{arguments.model} has {config.max_position_embeddings} positions"
        )
    return torch.tensor(rows)


def random_rows(batch, pos, config, arguments):
    generator = torch.Generator().manual_seed(arguments.seed)
    rows = torch.randint(config.vocab_size, (batch, pos), generator=generator)
    if arguments.bos:
        bos = config.bos_token_id
        if bos is None or bos >= config.vocab_size:
            sys.exit(f"BOS {bos} is not among {config.vocab_size} token ids: use --no-bos")
        rows[:, 0] = bos
    return rows.tolist()


def text_rows(arguments):
    texts = arguments.text or arguments.prompts.read_text(encoding="utf-8").splitlines()
    tokenizer = transformers.AutoTokenizer.from_pretrained(arguments.model)
    if arguments.bos and tokenizer.bos_token_id is None:
        sys.exit(f"the tokenizer of {arguments.model} has no BOS: use --no-bos")
    bos = [tokenizer.bos_token_id] if arguments.bos else []
    return [bos + tokenizer.encode(text, add_special_tokens=False) for text in texts]


def run(model, tokens, dtype):
    """Runs the model in one precision, and checks that its outputs are what the layout says."""
    model = model.to(dtype)
    with torch.no_grad():
        out = model(tokens, output_hidden_states=True, output_attentions=True, use_cache=False)
        again = model.get_output_embeddings()(out.hidden_states[-1])
    layers = model.config.num_hidden_layers
    if len(out.hidden_states) != layers + 1 or len(out.attentions) != layers:
        sys.exit("this version of transformers does not return one state and pattern per layer")
    if out.logits.dtype != dtype or not torch.equal(again, out.logits):
        sys.exit("this version of transformers does not return the final layer norm's output last")
    return out


def full_values(out):
    values = {"logits": out.logits}
    for i, state in enumerate(out.hidden_states):
        values[f"hidden_states.{i}"] = state
    for i, pattern in enumerate(out.attentions):
        values[f"attentions.{i}"] = pattern
    return values


def column_values(out, columns, last):
    kept = out.logits if last is None else out.logits[:, -last:]
    return {
        "logits": kept[:, :, columns],
        "argmax": out.logits.argmax(-1),
        "logsumexp": out.logits.logsumexp(-1),
    }


def pick_columns(arguments, config):
    if arguments.columns > config.vocab_size:
        sys.exit(f"--columns {arguments.columns}: the vocabulary has {config.vocab_size} entries")
    generator = torch.Generator().manual_seed(arguments.seed)
    return torch.randperm(config.vocab_size, generator=generator)[: arguments.columns].sort().values


def main():
    arguments = parse_arguments()
    import_libraries()
    try:
        model = load(arguments.model)
        tokens = make_tokens(arguments, model.config)
    except (OSError, ValueError) as error:
        sys.exit(f"{arguments.model} cannot be read: {error}")

    values = {"tokens": tokens}
    if arguments.columns:
        values["columns"] = pick_columns(arguments, model.config)
    for precision in sorted(set(arguments.precisions)):  # f32 first: f64 runs on the same weights
        out = run(model, tokens, {"f32": torch.float32, "f64": torch.float64}[precision])
        if arguments.columns:
            named = column_values(out, values["columns"], arguments.last)
        else:
            named = full_values(out)
        values |= {f"{precision}.{name}": value for name, value in named.items()}

    made_by = (
        f"transformers {transformers.__version__} on PyTorch {torch.__version__}, "
        f"eager attention, CPU"
    )
    # Cloned, because a file of safetensors may not hold two views of one buffer.
    safetensors.torch.save_file(
        {name: value.clone().contiguous() for name, value in values.items()},
        arguments.output,
        metadata={"made_by": made_by},
    )
    print(f"wrote {arguments.output}: {len(values)} arrays, tokens {list(tokens.shape)}")


def import_libraries():
    """Imports what takes seconds, or may be missing, once the arguments are known to be good."""
    global safetensors, torch, transformers
    try:
        import safetensors.torch
        import torch
        import transformers
    except ImportError as error:
        sys.exit(f"{error}\ntry: pip install torch transformers safetensors")


if __name__ == "__main__":
    main()
