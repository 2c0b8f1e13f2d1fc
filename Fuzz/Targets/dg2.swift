@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzDataGroup2(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    let images =
        ((try? DataGroup2(bytes.span))?.images ?? []) + ((try? FacialRecord(bytes.span))?.images ?? [])
        + ((try? FaceImageDataBlock(bytes.span))?.images ?? [])
    for image in images {
        require(image.range.upperBound <= bytes.count, "an image stands inside the file")
        require(bytes[image.range].elementsEqual(image.bytes), "an image is the bytes at its place")
        require(image.bytes.starts(with: image.kind.signature), "an image begins as its kind does")
    }
    return 0
}
