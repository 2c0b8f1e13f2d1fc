@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzCardImage(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    if let image = try? CardImage(record: bytes.span) {
        let record = try? image.record
        require(record?.count == bytes.count, "a record is written with as many bytes as it was read from")
        if let record { require((try? CardImage(record: record.span)) == image, "a record is read alike from itself") }
        require((try? CardImage(json: image.json)) == image, "an image is read alike from its JSON")
    }
    if let image = try? CardImage(json: bytes) {
        require((try? CardImage(json: image.json)) == image, "JSON is read alike from itself")
        if let record = try? image.record {
            require((try? CardImage(record: record.span)) == image, "an image is read alike from its record")
        }
    }
    return 0
}
