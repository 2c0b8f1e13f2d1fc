import Testing

@testable import Registry

@Suite("Delimited text")
struct DelimitedReaderTests {
    struct Met: Equatable {
        let line: Int
        let fields: [String]?
        let reason: RejectionReason?

        init(_ line: Int, _ fields: [String]) { (self.line, self.fields, reason) = (line, fields, nil) }
        init(_ line: Int, _ reason: RejectionReason) { (self.line, fields, self.reason) = (line, nil, reason) }
    }

    private func read(_ text: String, separator: UInt8? = nil) throws -> (header: [String], met: [Met]) {
        try read(Array(text.utf8), separator: separator)
    }

    private func read(_ bytes: [UInt8], separator: UInt8? = nil) throws -> (header: [String], met: [Met]) {
        var reader = try DelimitedReader(InputWindow(bytes), separator: separator)
        return try (reader.header, all(&reader))
    }

    private func all(_ reader: inout DelimitedReader) throws -> [Met] {
        var met: [Met] = []
        while true {
            switch try reader.next() {
            case .end: return met
            case .malformed(let reason): met.append(Met(reader.line, reason))
            case .record:
                met.append(Met(reader.line, reader.fields.map { String(decoding: reader.bytes[$0], as: UTF8.self) }))
            }
        }
    }

    @Test(
        "line ends may be LF or CRLF, the last may be missing, and a byte order mark is passed over",
        arguments: ["a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "\u{FEFF}a,b\n1,2\r\n3,4", "a,b\r\n1,2\n\n\r\n3,4\r"])
    func lineEnds(_ text: String) throws {
        let (header, met) = try read(text)
        #expect(header == ["a", "b"])
        #expect(met.compactMap(\.fields) == [["1", "2"], ["3", "4"]])
        #expect(met.allSatisfy { $0.reason == nil })
    }

    @Test("a quoted field keeps separators, line breaks and doubled quotes, and lines are counted through it")
    func quotes() throws {
        let (_, met) = try read("a,b\n\"x,\"\"y\"\"\",\"1\n2\"\n\"\",\"\"\"\"\nlast,one\n")
        #expect(met == [Met(2, ["x,\"y\"", "1\n2"]), Met(4, ["", "\""]), Met(5, ["last", "one"])])
    }

    @Test("a malformed record costs its line and no other")
    func malformed() throws {
        let (_, met) = try read(
            """
            a,b
            1,2
            "open,2
            3,4
            x"y,2
            5,6
            "x"y,2
            7,8
            1,2,3
            only
            9,10
            """)
        #expect(
            met == [
                Met(2, ["1", "2"]), Met(3, .quoteNotClosed), Met(4, ["3", "4"]), Met(5, .quoteInsideField),
                Met(6, ["5", "6"]), Met(7, .textAfterQuote), Met(8, ["7", "8"]),
                Met(9, .fieldCount(found: 3, expected: 2)), Met(10, .fieldCount(found: 1, expected: 2)),
                Met(11, ["9", "10"]),
            ])
    }

    @Test("a carriage return alone ends no line")
    func loneCarriageReturn() throws {
        #expect(try read("a,b\n1,2\r3,4\n5,6\n").met == [Met(2, .loneCarriageReturn), Met(3, ["5", "6"])])
    }

    @Test("a record longer than any real one is refused and reading goes on behind it")
    func tooLong() throws {
        let long = String(repeating: "x", count: RecordLimits.byteCount + 1)
        #expect(try read("a,b\n\(long),2\n3,4\n").met == [Met(2, .tooLong), Met(3, ["3", "4"])])
        #expect(try read("a,b\n\"\(long)\",2\n3,4\n").met == [Met(2, .quoteNotClosed), Met(3, ["3", "4"])])
    }

    @Test("more fields than any real record are refused")
    func tooManyFields() throws {
        let many = String(repeating: ",", count: 100_000)
        #expect(try read("a,b\n\(many)\n3,4\n").met == [Met(2, .tooLong), Met(3, ["3", "4"])])
    }

    @Test("the header decides between comma and semicolon")
    func semicolon() throws {
        let (header, met) = try read("a;b\n1,5;2\n")
        #expect(header == ["a", "b"])
        #expect(met == [Met(2, ["1,5", "2"])])
    }

    @Test("tabs separate where they are asked for")
    func tabs() throws {
        #expect(try read("a\tb\n1,5\t\"2\t3\"\n", separator: UInt8(ascii: "\t")).met == [Met(2, ["1,5", "2\t3"])])
    }

    @Test(
        "an empty file and a UTF-16 file have no header",
        arguments: [[], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE, 0x61, 0x00]])
    func noHeader(_ bytes: [UInt8]) {
        #expect { try read(bytes) } throws: { error in
            if case RegistryError.invalidHeader = error { true } else { false }
        }
    }

    @Test("records are the same wherever the pieces of the file end")
    func pieces() throws {
        let place = try Place()
        var text = "a,b\r\n"
        var expected: [[String]] = []
        for index in 0..<40_000 {
            let name = String(repeating: "é", count: index % 7)
            text += "\(index),\"\(name)\"\"\(index)\"\r\n"
            expected.append(["\(index)", "\(name)\"\(index)"])
        }
        let path = try place.file("long.csv", Array(text.utf8))
        var reader = try DelimitedReader(InputWindow(InputFile(path: path)), separator: nil)
        let met = try all(&reader)
        #expect(met.compactMap(\.fields) == expected)
        #expect(met.last?.line == 40_001)
        #expect(reader.consumedByteCount == text.utf8.count)
    }
}
