@testable import Portrait

/// What opens images that strangers made: the walks over headers, and OpenJPEG behind them, in this process, where the fuzzer
/// sees what they do to memory.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzPortrait(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    // Larger pictures take the fuzzer's time and find nothing else.
    if let header = try? JPEG2000Header(bytes), header.width * header.height > 1 << 16 { return 0 }
    guard let portrait = try? PortraitDecoder.decode(bytes) else { return 0 }
    require((try? DecodedPortrait(untrusted: portrait.bytes)) == portrait, "what is decoded is a picture and nothing else")
    return 0
}
