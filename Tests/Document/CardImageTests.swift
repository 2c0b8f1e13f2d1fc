import Document
import Foundation
import Testing

@Suite("elementary files")
struct ElementaryFileTests {
    @Test("names, tags and numbers lead back to their file", arguments: ElementaryFile.allCases)
    func roundTrip(file: ElementaryFile) {
        #expect(ElementaryFile(fileName: file.fileName) == file)
        #expect(ElementaryFile(name: file.name) == file)
        if let tag = file.tag { #expect(ElementaryFile(tag: tag) == file) }
        if let number = file.dataGroupNumber { #expect(ElementaryFile.dataGroup(number) == file) }
    }

    @Test(
        "tags and identifiers are those of Doc 9303-10",
        arguments: [
            (ElementaryFile.com, 0x60 as Document.Tag, 0x011E as UInt16, 0x1E as UInt8), (.dg1, 0x61, 0x0101, 0x01),
            (.dg2, 0x75, 0x0102, 0x02), (.dg13, 0x6D, 0x010D, 0x0D), (.dg16, 0x70, 0x0110, 0x10),
            (.sod, 0x77, 0x011D, 0x1D),
        ])
    func identifiers(file: ElementaryFile, tag: Document.Tag, identifier: UInt16, short: UInt8) {
        #expect(file.tag == tag)
        #expect(file.fileIdentifier == identifier)
        #expect(file.shortFileIdentifier == short)
    }

    @Test("EF.CardAccess has no tag of its own")
    func cardAccess() {
        #expect(ElementaryFile.cardAccess.tag == nil)
        #expect(ElementaryFile.cardAccess.fileIdentifier == 0x011C)
        #expect(ElementaryFile.cardAccess.fileName == "EF_CardAccess.bin")
        #expect(ElementaryFile(tag: 0x31) == nil)
    }

    @Test(
        "other names, tags and numbers are no file",
        arguments: ["", "EF_DG0.bin", "EF_DG17.bin", "EF_DG01.bin", "DG1.bin", "EF_DG1", "ef_dg1.bin"])
    func noFile(name: String) {
        #expect(ElementaryFile(fileName: name) == nil)
        #expect(ElementaryFile(tag: 0x62) == nil)
        #expect([0, 17, -1, Int.max].allSatisfy { ElementaryFile.dataGroup($0) == nil })
    }
}

@Suite("card image")
struct CardImageTests {
    private let image = CardImage(files: [
        .com: TLVEncoder.element(0x60, [1, 2]), .sod: TLVEncoder.element(0x77, [3]),
        .dg1: TLVEncoder.element(0x61, Array(repeating: 4, count: 200)), .dg13: TLVEncoder.element(0x6D, [UInt8]()),
        .cardAccess: TLVEncoder.element(0x31, [5]), .cardSecurity: TLVEncoder.element(0x30, [6]),
    ])

    @Test("record and JSON lead back to the image")
    func roundTrips() throws {
        let record = try image.record
        #expect(try CardImage(record: record.span) == image)
        #expect(try CardImage(json: image.json) == image)
        #expect(try CardImage(record: [UInt8]().span) == CardImage())
        #expect(try CardImage(json: Array("{}".utf8)) == CardImage())
    }

    @Test("a record may hold the files in any order")
    func order() throws {
        let record = TLVEncoder.element(0x77, [1]) + TLVEncoder.element(0x60, [2])
        let image = try CardImage(record: record.span)
        #expect(image[.sod] == [0x77, 1, 1])
        #expect(image[.com] == [0x60, 1, 2])
    }

    @Test("a file that stands twice in a record is refused")
    func twice() {
        let record = TLVEncoder.element(0x61, [1]) + TLVEncoder.element(0x60, [2]) + TLVEncoder.element(0x61, [1])
        #expect(throws: DocumentError.invalidValue(field: "card image record", reason: "EF.DG1 stands in it twice")) {
            try CardImage(record: record.span)
        }
    }

    @Test("an unknown tag in a record is named")
    func unknownTag() {
        #expect(throws: DocumentError.unsupported(field: "card image record: tag", value: "7F21")) {
            try CardImage(record: TLVEncoder.element(0x7F21, [1]).span)
        }
    }

    @Test("a record that ends inside a file is refused", arguments: [1, 2, 3])
    func truncated(count: Int) {
        let bytes = Array(TLVEncoder.element(0x61, [1, 2]).prefix(count))
        #expect(throws: DocumentError.self) { try CardImage(record: bytes.span) }
    }

    @Test("a record over one MiB is refused, both ways")
    func tooLarge() throws {
        let file = TLVEncoder.element(0x61, [UInt8](repeating: 0, count: CardImage.maximumByteCount))
        let tooLarge = CardImage(files: [.dg1: file])
        #expect(throws: DocumentError.self) { try CardImage(record: file.span) }
        #expect(throws: DocumentError.self) { try tooLarge.record }
        #expect(throws: DocumentError.self) { try CardImage(json: tooLarge.json) }
    }

    @Test(
        "a file that is not one element with its tag has no record, but has JSON",
        arguments: [
            [], [0x61], [0x61, 5, 1], [0x61, 1, 1, 0], [0x60, 1, 1],
        ] as [[UInt8]])
    func damaged(bytes: [UInt8]) throws {
        let image = CardImage(files: [.dg1: bytes])
        #expect(throws: DocumentError.self) { try image.record }
        #expect(try CardImage(json: image.json) == image)
    }

    @Test(
        "JSON of another shape is refused",
        arguments: [
            "", "[]", "null", "{\"EF_DG1\":1}", "{\"EF_DG1\":\"not base64!\"}", "{\"EF_DG1\":\"AA==\",}x",
            "{\"EF_DG1\":\"AA==\",\"EF_DG1\":\"AQ==\"}", "{\"EF_DG1\":\"AA==\",\"EF\\u005fDG1\":\"AQ==\"}",
            "{\"EF_DG1\":null}",
        ])
    func notAnImage(json: String) {
        #expect(throws: DocumentError.self) { try CardImage(json: Array(json.utf8)) }
    }

    @Test("an unknown file in JSON is named")
    func unknownName() {
        #expect(throws: DocumentError.unsupported(field: "card image: file", value: "EF_DG17")) {
            try CardImage(json: Array("{\"EF_DG17\":\"AA==\"}".utf8))
        }
    }

    @Test("an image stands in other JSON as it stands alone")
    func codable() throws {
        let encoded = try JSONEncoder().encode(["image": image])
        #expect(try JSONDecoder().decode([String: CardImage].self, from: encoded) == ["image": image])
        #expect(throws: DocumentError.self) {
            try JSONDecoder().decode(CardImage.self, from: Data("{\"EF_DG0\":\"\"}".utf8))
        }
    }

    @Test("JSON is one line that begins with EF.COM")
    func jsonForm() {
        let image = CardImage(files: [.dg1: [0xFB, 0xFF], .com: [0x60, 0]])
        #expect(String(decoding: image.json, as: UTF8.self) == "{\"EF_COM\":\"YAA=\",\"EF_DG1\":\"+/8=\"}")
    }
}
