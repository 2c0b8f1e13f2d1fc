import Document
import Testing

@Suite("DG13")
struct DataGroup13Tests {
    /// A field with UTF-8 texts: one as it is, several in a SEQUENCE.
    private static func field(_ number: UInt8, _ texts: String...) -> [UInt8] {
        let strings = texts.map { TLVEncoder.element(.utf8String, Array($0.utf8)) }
        let value = strings.count == 1 ? strings[0] : TLVEncoder.element(.sequence, strings)
        return TLVEncoder.element(.sequence, [[2, 1, number], value])
    }

    private static func file(_ fields: [[UInt8]], version: UInt8 = 1, encoding: [UInt64] = [1, 0, 10646, 1, 0, 8])
        -> [UInt8]
    {
        let content = [[2, 1, version], ObjectIdentifier(encoding).encoded, TLVEncoder.element(.set, fields)]
        return TLVEncoder.element(0x6D, [TLVEncoder.element(.sequence, content)])
    }

    private static func bareFile(_ fields: [[UInt8]]) -> [UInt8] {
        TLVEncoder.element(0x6D, [TLVEncoder.element(.sequence, fields)])
    }

    private static let fields = [
        field(1, "079085123456"), field(2, "Nguyễn Văn An"), field(3, "15/03/1985"), field(4, "Nam"),
        field(5, "Việt Nam"),
        field(6, "Kinh"), field(7, "Không"), field(8, "Phường Một, Đà Lạt, Lâm Đồng"),
        field(9, "12 Đường Số 3, Hồ Chí Minh"),
        field(10, "Nốt ruồi cách 1 cm dưới mắt trái"), field(11, "20/04/2021"), field(12, "15/03/2025"),
        field(13, "Nguyễn Văn Bình", "Trần Thị Cúc"),
        TLVEncoder.element(
            .sequence,
            [[2, 1, 14], TLVEncoder.element(.sequence, [TLVEncoder.element(.utf8String, Array("Lê Thị Dung".utf8))])]),
        field(15, "024123456"), field(16, "0123456789ABCDEF"),
    ]

    private static let whole = file(fields)

    @Test(
        "every field is read, in either container and any order",
        arguments: [
            whole, bareFile(fields), file(fields.reversed()), bareFile(fields.reversed()),
        ])
    func reads(bytes: [UInt8]) throws {
        let group = try DataGroup13(bytes.span)
        #expect(try group.personalNumber == PersonalNumber("079085123456"))
        #expect(group.fullName == "Nguyễn Văn An")
        #expect(group.birthDate?.date == CalendarDate(iso: "1985-03-15"))
        #expect(group.sex == .male)
        #expect(group.nationality == "Việt Nam")
        #expect(group.ethnicity == "Kinh")
        #expect(group.religion == "Không")
        #expect(group.placeOfOrigin == "Phường Một, Đà Lạt, Lâm Đồng")
        #expect(group.residence == "12 Đường Số 3, Hồ Chí Minh")
        #expect(group.identifyingFeatures == "Nốt ruồi cách 1 cm dưới mắt trái")
        #expect(group.issueDate == CalendarDate(iso: "2021-04-20"))
        #expect(group.expiryDate == CalendarDate(iso: "2025-03-15").map { .date($0) })
        #expect(group.fatherName == "Nguyễn Văn Bình")
        #expect(group.motherName == "Trần Thị Cúc")
        #expect(group.spouseName == "Lê Thị Dung")
        #expect(group.oldNumber == "024123456")
        #expect(group.chipSerial == "0123456789ABCDEF")
        #expect(group.malformedFields.isEmpty)
        #expect(group.unknownFields.isEmpty)
    }

    @Test("absent and empty fields are nil")
    func absent() throws {
        let group = try DataGroup13(
            Self.file([Self.field(2, " "), Self.field(13, "", "Trần Thị Cúc"), Self.field(12, "")]).span)
        #expect(group.fullName == nil)
        #expect(group.fatherName == nil)
        #expect(group.motherName == "Trần Thị Cúc")
        #expect(group.expiryDate == nil)
        #expect(group.personalNumber == nil)
        #expect(group.malformedFields.isEmpty)
        #expect(try DataGroup13(Self.bareFile([]).span).texts.isEmpty)
    }

    @Test("a field without a value has no text")
    func noValue() throws {
        #expect(try DataGroup13(Self.file([[0x30, 3, 2, 1, 15]]).span).oldNumber == nil)
    }

    @Test(
        "a card without end says so, composed or not",
        arguments: ["Không thời hạn", "KHÔNG THỜI HẠN", "Kho\u{302}ng tho\u{31B}\u{300}i ha\u{323}n"])
    func withoutEnd(text: String) throws {
        #expect(try DataGroup13(Self.file([Self.field(12, text)]).span).expiryDate == .never)
    }

    @Test("a woman's sex is read, composed or not", arguments: ["Nữ", "NỮ", "Nu\u{31B}\u{303}", "N\u{1B0}\u{303}"])
    func female(text: String) throws {
        #expect(try DataGroup13(Self.file([Self.field(4, text)]).span).sex == .female)
    }

    @Test("old records may lack a part of the birth date", arguments: [("1950", "1950"), ("11/1950", "1950-11")])
    func partialBirthDate(text: String, iso: String) throws {
        #expect(try DataGroup13(Self.file([Self.field(3, text)]).span).birthDate?.description == iso)
    }

    @Test(
        "a text that is not of its field's type is told",
        arguments: [
            (1 as UInt8, "07908512345", DataGroup13.Field.personalNumber), (3, "31/02/1985", .birthDate),
            (4, "M", .sex),
            (11, "2021", .issueDate), (12, "không rõ", .expiryDate),
        ])
    func malformed(number: UInt8, text: String, field: DataGroup13.Field) throws {
        let group = try DataGroup13(Self.file([Self.field(number, text)]).span)
        #expect(group.malformedFields == [field])
        #expect(group.texts[field] == [text])
    }

    @Test("unknown fields are kept as they are")
    func unknown() throws {
        let unknown: [UInt8] = [0x30, 6, 2, 1, 42, 4, 1, 0xFF]
        let group = try DataGroup13(Self.file([unknown, Self.field(2, "An")]).span)
        #expect(group.unknownFields.map(\.number) == [42])
        #expect(group.unknownFields.map(\.encoded) == [unknown])
        #expect(group.fullName == "An")
    }

    @Test("PrintableString is text as well")
    func printableString() throws {
        let field = TLVEncoder.element(
            .sequence, [[2, 1, 1], TLVEncoder.element(.printableString, Array("079085123456".utf8))])
        #expect(try DataGroup13(Self.file([field]).span).personalNumber?.text == "079085123456")
    }

    private static let malformedFiles: [[UInt8]] = [
        [], [0x6D, 0], whole + [0], Array(whole.dropLast()), file(fields, version: 2),
        file(fields, encoding: [1, 2, 3]), file([field(2, "An"), field(2, "An")]),
        bareFile([[2, 1, 1], field(2, "An")]),
        file([[0x31, 0]]), file([[0x30, 0]]), file([[0x30, 6, 2, 1, 2, 4, 1, 0x41]]),
        file([[0x30, 6, 2, 1, 2, 0x0C, 1, 0xFF]]), file([[0x30, 8, 2, 1, 2, 0x30, 3, 0x30, 1, 0x41]]),
        file([field(2, "", "", "", "", "", "", "", "", "")]), file([[0x30, 3, 2, 1, 0x80]]),
        file([[0x30, 5, 2, 3, 1, 0, 0]]), TLVEncoder.element(0x6E, [UInt8]()),
        file((0..<65).map { field($0 + 17, "") }),
    ]

    @Test("a malformed file is refused", arguments: malformedFiles)
    func refused(bytes: [UInt8]) {
        #expect(throws: DocumentError.self) { try DataGroup13(bytes.span) }
    }
}
