/// How large an image may be. Portraits of documents have some 400 × 500 pixels in some 15 kB.
public enum PortraitLimits {
    /// The image, encoded, in bytes. A data group has no more than 64 kB on most chips.
    public static let imageBytes = 4 << 20
    /// Width and height in pixels.
    public static let side = 4096
    /// Colours and transparency.
    static let components = 4
    /// Tiles of a JPEG 2000 image, each of which costs the decoder kilobytes before anything is decoded.
    static let tiles = 1024
    /// The picture that a decoder gives, in bytes: the largest one, uncompressed, with what PNG adds.
    public static let pictureBytes = side * side * 3 + side * side / 256 + 65536
    /// The address space that decoding may add to the process, in bytes.
    static let memory = 768 << 20
    /// The processor time of the process, in seconds.
    static let processorSeconds = 5
}
