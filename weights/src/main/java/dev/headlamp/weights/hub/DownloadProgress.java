package dev.headlamp.weights.hub;

/**
 * How far a download is.
 *
 * @param model the name on the hub, such as {@code openai-community/gpt2}
 * @param file the file that is coming in, such as {@code model.safetensors}
 * @param fileBytes bytes of this file that are here, those of an earlier, cut download included
 * @param fileSize bytes this file has in all
 * @param bytes bytes of all files of this download that are here
 * @param size bytes of all files known to be needed; grows once when the shards of a model become
 *     known
 * @param bytesPerSecond bytes received over the network per second since this download started
 */
public record DownloadProgress(
    String model,
    String file,
    long fileBytes,
    long fileSize,
    long bytes,
    long size,
    double bytesPerSecond) {}
