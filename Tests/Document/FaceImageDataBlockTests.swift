import Document
import TestSupport
import Testing

@Suite("portraits in the form of ISO/IEC 39794-5")
struct FaceImageDataBlockTests {
    private static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2]
    private static let jp2: [UInt8] = [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A, 7]

    private static func element(_ tag: Document.Tag, _ children: [UInt8]...) -> [UInt8] {
        TLVEncoder.element(tag, Array(children.joined()))
    }

    private static let size = element(0xA7, element(0x80, [0x01, 0x2C]), element(0x81, [0x01, 0x90]))

    /// A representation block around `image`, with what the profile allows behind each of its parts.
    private static func representation(
        _ image: [UInt8], code: UInt8 = 2, size: [UInt8] = size, further: [UInt8] = []
    ) -> [UInt8] {
        let information = element(0xA1, element(0xA0, element(0x80, [code])), size, further)
        let twoDimensional = element(0xA0, element(0x80, image), information, further)
        return element(0x30, element(0x80, [0]), element(0xA1, element(0xA0, twoDimensional)), further)
    }

    private static let version = element(0xA0, element(0x80, [3]), element(0x81, [0x07, 0xE3]))

    private static func block(_ representations: [UInt8]..., version: [UInt8] = version, further: [UInt8] = [])
        -> [UInt8]
    {
        element(0xA1, element(0x65, version, element(0xA1, Array(representations.joined())), further))
    }

    private static func file(_ blocks: [UInt8]...) -> [UInt8] {
        let templates = blocks.flatMap { element(0x7F60, element(0xA1, [0x80, 2, 1, 1]), element(0x7F2E, $0)) }
        return element(0x75, element(0x7F61, [2, 1, UInt8(blocks.count)], templates))
    }

    @Test("the image is found with its place, its kind by its own bytes, and what is said about it")
    func image() throws {
        for (image, kind, code, type) in [
            (Self.jpeg, FaceImage.Kind.jpeg, 2, 0), (Self.jp2, .jpeg2000, 3, 1), (Self.jp2, .jpeg2000, 4, 1),
        ] as [([UInt8], FaceImage.Kind, UInt8, UInt8)] {
            let file = Self.file(Self.block(Self.representation(image, code: code)))
            let face = try #require(try DataGroup2(file.span).images.first)
            #expect(face.bytes == image && face.kind == kind)
            #expect(face.declaredType == type)
            #expect(face.declaredWidth == 300 && face.declaredHeight == 400)
            #expect(Array(file[face.range]) == image)
        }
    }

    @Test("what the profile leaves open may be there or not")
    func optional() throws {
        let further = Self.element(0xA9, [1, 2, 3])
        let bare = Self.block(Self.representation(Self.jpeg, code: 9, size: []))
        let face = try #require(try FaceImageDataBlock(bare.span).images.first)
        #expect(face.declaredType == nil && face.declaredWidth == nil && face.declaredHeight == nil)
        let full = Self.block(Self.representation(Self.jpeg, further: further), further: further)
        #expect(try FaceImageDataBlock(full.span).images.map(\.bytes) == [Self.jpeg])
        // Without the tag around it, as some write it.
        let content = Array(full.dropFirst(full.count > 129 ? 3 : 2))
        #expect(try FaceImageDataBlock(content.span).images.map(\.bytes) == [Self.jpeg])
    }

    @Test("one file may hold a record of each form")
    func both() throws {
        let record: [UInt8] =
            Array("FAC\0010\0".utf8) + [0, 0, 0, 52, 0, 1, 0, 0, 0, 38] + [UInt8](repeating: 0, count: 28) + Self.jpeg
        let file = Self.file(record, Self.block(Self.representation(Self.jp2)))
        #expect(try DataGroup2(file.span).images.map(\.bytes) == [Self.jpeg, Self.jp2])
    }

    @Test(
        "a malformed block is refused",
        arguments: [
            [], block(), block(representation([])), block(representation([0x89, 0x50, 0x4E, 0x47])),
            block(representation(jpeg)) + [0], Array(block(representation(jpeg)).dropLast()),
            block(representation(jpeg), version: []), element(0xA1), element(0xA1, element(0x66)),
            element(0x65, version), block(Array(repeating: representation(jpeg), count: 17).flatMap { $0 }),
            block(representation(jpeg, size: element(0xA7, element(0x80, [1])))),
            block(representation(jpeg, size: element(0xA7, element(0x80, [0xFF]), element(0x81, [1])))),
            block(representation(jpeg, size: element(0xA7, element(0x80, [0, 0, 0, 0, 1]), element(0x81, [1])))),
            // An extension instead of an image, on either level; a shape instead of a picture.
            block(element(0x30, element(0x80, [0]), element(0xA1, element(0xA1, [])))),
            block(element(0x30, element(0x80, [0]), element(0xA1, element(0xA0, element(0xA1, []))))),
        ])
    func malformed(bytes: [UInt8]) {
        #expect(throws: DocumentError.self) { try FaceImageDataBlock(bytes.span) }
        let file = Self.file(bytes)
        #expect(throws: DocumentError.self) { try DataGroup2(file.span) }
    }

    @Test("a file that ends early is refused wherever it ends")
    func truncated() {
        let file = Self.file(Self.block(Self.representation(Self.jp2)))
        for length in 0..<file.count {
            let part = Array(file.prefix(length))
            #expect(throws: DocumentError.self) { try DataGroup2(part.span) }
        }
    }
}
