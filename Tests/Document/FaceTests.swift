import Document
import TestSupport
import Testing

@Suite("portraits")
struct FaceTests {
    private static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2]
    private static let jp2: [UInt8] = [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A, 7]
    private static let codestream: [UInt8] = [0xFF, 0x4F, 0xFF, 0x51, 0]

    /// A facial record with `images`, each of 300 by 400 pixels behind `featurePoints` feature points.
    private static func record(_ images: [[UInt8]], featurePoints: Int = 0, declaredType: UInt8 = 1) -> [UInt8] {
        let faces = images.map { image -> [UInt8] in
            let length = 20 + 8 * featurePoints + 12 + image.count
            let information: [UInt8] =
                bigEndian(length, 4) + bigEndian(featurePoints, 2)
                + [UInt8](repeating: 0, count: 14 + 8 * featurePoints)
            return information + [1, declaredType] + bigEndian(300, 2) + bigEndian(400, 2)
                + [UInt8](repeating: 0, count: 6) + image
        }.joined()
        return Array("FAC\0010\0".utf8) + bigEndian(14 + faces.count, 4) + bigEndian(images.count, 2) + faces
    }

    private static func bigEndian(_ number: Int, _ width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    private static func file(_ records: [[UInt8]], count: UInt8? = nil, tag: Document.Tag = 0x5F2E) -> [UInt8] {
        let templates = records.map {
            TLVEncoder.element(0x7F60, [TLVEncoder.element(0xA1, [0x80, 1, 1]), TLVEncoder.element(tag, $0)])
        }
        let counter: [UInt8] = [2, 1, count ?? UInt8(records.count)]
        return TLVEncoder.element(0x75, [TLVEncoder.element(0x7F61, [counter] + templates)])
    }

    @Test(
        "an image's kind is told by its first bytes, not by what the record says",
        arguments: [
            (jpeg, FaceImage.Kind.jpeg), (jp2, .jpeg2000), (codestream, .jpeg2000Codestream),
        ])
    func kinds(image: [UInt8], kind: FaceImage.Kind) throws {
        for declaredType in [0, 1] as [UInt8] {
            let bytes = Self.record([image], declaredType: declaredType)
            let face = try #require(try FacialRecord(bytes.span).images.first)
            #expect(face.kind == kind)
            #expect(face.bytes == image)
            #expect(face.declaredType == declaredType)
            #expect(face.declaredWidth == 300 && face.declaredHeight == 400)
        }
    }

    @Test("DG2 gives every image with its place in the file", arguments: [0x5F2E, 0x7F2E] as [Document.Tag])
    func dataGroup(tag: Document.Tag) throws {
        let file = Self.file(
            [Self.record([Self.jp2, Self.jpeg]), Self.record([Self.codestream], featurePoints: 3)], tag: tag)
        let images = try DataGroup2(file.span).images
        #expect(images.map(\.bytes) == [Self.jp2, Self.jpeg, Self.codestream])
        for image in images { #expect(Array(file[image.range]) == image.bytes) }
    }

    @Test(
        "a malformed record is refused",
        arguments: [
            [], Array("FAC\0".utf8), record([]), record(Array(repeating: jpeg, count: 17)),
            record([[0x89, 0x50, 0x4E, 0x47]]),
            record([[]]), record([jpeg]) + [0], Array(record([jpeg]).dropLast()), replacing(20, with: 0xFFFF, width: 2),
            Array(record([jpeg]).dropFirst(4)), Array("FAC\0020\0".utf8) + record([jpeg]).dropFirst(8),
            // A face whose length is shorter than what describes it, of nothing, and longer than the record.
            replacing(18, with: 31), replacing(18, with: 0), replacing(18, with: 3),
            replacing(18, with: Int(UInt32.max)),
        ])
    func malformedRecord(bytes: [UInt8]) {
        #expect(throws: DocumentError.self) { try FacialRecord(bytes.span) }
        let file = Self.file([bytes])
        #expect(throws: DocumentError.self) { try DataGroup2(file.span) }
    }

    /// A record with another number in the bytes that end at `end`.
    private static func replacing(_ end: Int, with number: Int, width: Int = 4) -> [UInt8] {
        let bytes = record([jpeg])
        return Array(bytes.prefix(end - width)) + bigEndian(number, width) + bytes.dropFirst(end)
    }

    @Test(
        "a malformed DG2 is refused",
        arguments: [
            [], [0x75, 0], file([]), file([record([jpeg])], count: 2),
            file([record([jpeg]), record([jpeg])], count: 1),
            file(Array(repeating: record([jpeg]), count: 10)), file([record([jpeg])], tag: 0x5F2F),
            file([record([jpeg])]) + [0],
            file([record(Array(repeating: jpeg, count: 16)), record([jpeg])]), file([record([jpeg])], count: 0x81),
        ])
    func malformedFile(bytes: [UInt8]) {
        #expect(throws: DocumentError.self) { try DataGroup2(bytes.span) }
    }

    @Test("BSI's specimen has one JPEG 2000 portrait", .enabled(if: SharedVectors.arePresent))
    func specimen() throws {
        let file = try SharedVectors.specimen("Datagroup2")
        let images = try DataGroup2(file.span).images
        #expect(images.map(\.kind) == [.jpeg2000])
        #expect(images.map(\.declaredType) == [1])
        #expect(images.first?.range.upperBound == file.count)
    }

    @Test("the JPEG in an ISO 19794-5 record is found, byte for byte", .enabled(if: SharedVectors.arePresent))
    func isoRecord() throws {
        let bytes = try SharedVectors.bytes("dg2/ISO19794_Test1_Data.bin")
        let jpeg = try SharedVectors.bytes("dg2/ISO19794_Test1_Face.jpg")
        let images = try FacialRecord(bytes.span).images
        #expect(images.map(\.bytes) == [jpeg])
        #expect(images.map(\.kind) == [.jpeg])
    }
}
