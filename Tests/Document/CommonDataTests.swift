import Document
import TestSupport
import Testing

@Suite("EF.COM")
struct CommonDataTests {
    private static func file(
        lds: String = "0107", unicode: String = "040000", tags: [UInt8] = [0x61, 0x75, 0x6D, 0x6E]
    ) -> [UInt8] {
        TLVEncoder.element(0x60, content(lds: lds, unicode: unicode, tags: tags))
    }

    private static func content(lds: String, unicode: String, tags: [UInt8]) -> [[UInt8]] {
        [
            TLVEncoder.element(0x5F01, Array(lds.utf8)), TLVEncoder.element(0x5F36, Array(unicode.utf8)),
            TLVEncoder.element(0x5C, tags),
        ]
    }

    @Test("versions and data groups are read in the order of the list")
    func reads() throws {
        let com = try CommonData(Self.file(tags: [0x6E, 0x61, 0x75, 0x42]).span)
        #expect(com.ldsVersion == "0107")
        #expect(com.unicodeVersion == "040000")
        #expect(com.dataGroups == [14, 1, 2])
        #expect(com.unknownTags == [0x42])
    }

    @Test("the tags of EF.COM and EF.SOD are those of no data group")
    func notDataGroups() throws {
        #expect(try CommonData(Self.file(tags: [0x60, 0x77]).span).unknownTags == [0x60, 0x77])
    }

    @Test(
        "a malformed file is refused",
        arguments: [
            [], [0x60], [0x60, 0x00], file(lds: "017"), file(lds: "01.7"), file(unicode: "04"),
            file(tags: [0x61, 0x61]),
            file(tags: Array(repeating: 0x42, count: 33)), file() + [0], Array(file().dropLast()),
            TLVEncoder.element(0x61, content(lds: "0107", unicode: "040000", tags: [])),
            TLVEncoder.element(0x60, content(lds: "0107", unicode: "040000", tags: []) + [[0x5C, 0]]),
        ])
    func refused(bytes: [UInt8]) {
        #expect(throws: DocumentError.self) { try CommonData(bytes.span) }
    }

    @Test("BSI's specimen lists DG1, DG2, DG3 and DG14", .enabled(if: SharedVectors.arePresent))
    func specimen() throws {
        let file = try SharedVectors.specimen("EF_COM")
        let com = try CommonData(file.span)
        #expect(com.ldsVersion == "0107")
        #expect(com.dataGroups == [1, 2, 3, 14])
    }
}
