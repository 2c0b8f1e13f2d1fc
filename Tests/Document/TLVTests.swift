import Document
import Testing

@Suite("TLV")
struct TLVTests {
    /// What a cursor says of the first element of `bytes`.
    private static func first(_ bytes: [UInt8], _ rules: EncodingRules = .ber) throws(DocumentError) -> TLVElement {
        var cursor = TLVCursor(bytes.span, rules: rules)
        return try cursor.next()
    }

    @Test(
        "tags have one to three bytes, lengths none to four more",
        arguments: [
            ([0x30, 0x00], 0x30 as Document.Tag, 2..<2), ([0x02, 0x01, 0x05], 0x02, 2..<3),
            ([0x5F, 0x1F, 0x01, 0x41], 0x5F1F, 3..<4),
            ([0x7F, 0x81, 0x01, 0x01, 0x41], 0x7F8101, 4..<5), ([0x04, 0x81, 0x01, 0x41], 0x04, 3..<4),
            ([0x04, 0x84, 0x00, 0x00, 0x00, 0x01, 0x41], 0x04, 6..<7),
        ] as [([UInt8], Document.Tag, Range<Int>)])
    func elements(bytes: [UInt8], tag: Document.Tag, content: Range<Int>) throws {
        let element = try Self.first(bytes)
        #expect(element.tag == tag)
        #expect(element.content == content)
        #expect(element.range == 0..<bytes.count)
    }

    @Test(
        "what is no element is refused, and told",
        arguments: [
            ([], .truncated(offset: 0)), ([0x30], .truncated(offset: 1)), ([0x5F], .truncated(offset: 0)),
            ([0x5F, 0x81], .truncated(offset: 0)), ([0x5F, 0x80, 0x01, 0x00], .invalidTag(offset: 0)),
            ([0x5F, 0x81, 0x81, 0x01], .invalidTag(offset: 0)),
            ([0x30, 0x80, 0x00, 0x00], .indefiniteLength(offset: 1)),
            ([0x30, 0x85, 0, 0, 0, 0, 1, 0], .invalidLength(offset: 1)), ([0x30, 0xFF], .invalidLength(offset: 1)),
            ([0x30, 0x82, 0x01], .truncated(offset: 1)), ([0x30, 0x02, 0x00], .truncated(offset: 0)),
            ([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], .truncated(offset: 0)),
        ] as [([UInt8], DocumentError)])
    func refused(bytes: [UInt8], error: DocumentError) {
        #expect(throws: error) { try Self.first(bytes) }
    }

    @Test(
        "DER wants lengths in the fewest bytes",
        arguments: [
            [0x04, 0x81, 0x01, 0x41], [0x04, 0x82, 0x00, 0x81] + [UInt8](repeating: 0, count: 0x81),
        ] as [[UInt8]])
    func minimalLengths(bytes: [UInt8]) {
        #expect(throws: Never.self) { try Self.first(bytes) }
        #expect(throws: DocumentError.nonMinimalLength(offset: 1)) { try Self.first(bytes, .der) }
    }

    @Test("the cursor stays before an element that is not the expected one")
    func unexpected() throws {
        let bytes: [UInt8] = [0x02, 0x01, 0x05, 0x04, 0x00]
        var cursor = TLVCursor(bytes.span)
        #expect(try cursor.nextIfPresent(.octetString) == nil)
        let error = DocumentError.unexpectedTag(.integer, expected: .octetString, offset: 0)
        var thrown: DocumentError?
        do throws(DocumentError) { _ = try cursor.next(.octetString) } catch { thrown = error }
        #expect(thrown == error)
        #expect(try cursor.next(.integer).content == 2..<3)
        thrown = nil
        do throws(DocumentError) { try cursor.expectEnd() } catch { thrown = error }
        #expect(thrown == .trailingBytes(count: 2, offset: 3))
        #expect(try cursor.nextIfPresent(.octetString)?.content == 5..<5)
        #expect(try cursor.nextIfPresent(.octetString) == nil)
    }

    @Test("children are read with offsets of the whole, and end with their parent")
    func children() throws {
        let bytes: [UInt8] = [0x30, 0x03, 0x02, 0x01, 0x05, 0x04, 0x00]
        var cursor = TLVCursor(bytes.span)
        let sequence = try cursor.next(.sequence)
        var inside = cursor.inside(sequence)
        let integer = try inside.next(.integer)
        #expect(integer.range == 2..<5)
        let isAtEnd = inside.isAtEnd
        #expect(isAtEnd)
        let copy = inside.copy(integer.content)
        #expect(copy == [5])
    }

    @Test("a child that reaches behind its parent is refused")
    func overlongChild() throws {
        let bytes: [UInt8] = [0x30, 0x02, 0x02, 0x01, 0x05, 0x04, 0x00]
        var cursor = TLVCursor(bytes.span)
        let sequence = try cursor.next(.sequence)
        var inside = cursor.inside(sequence)
        var thrown: DocumentError?
        do throws(DocumentError) { _ = try inside.next() } catch { thrown = error }
        #expect(thrown == .truncated(offset: 2))
    }

    @Test(
        "what the encoder writes is DER that the cursor reads back",
        arguments: [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000])
    func encoder(count: Int) throws {
        for tag in [.octetString, 0x5F2E, 0x7F4E] as [Document.Tag] {
            let bytes = TLVEncoder.element(tag, [UInt8](repeating: 7, count: count))
            let element = try Self.first(bytes, .der)
            #expect(element.tag == tag)
            #expect(element.content.count == count)
            #expect(element.range == 0..<bytes.count)
        }
    }
}

@Suite("object identifiers")
struct ObjectIdentifierTests {
    @Test(
        "arcs and encoding lead to each other",
        arguments: [
            ([1, 2, 840, 113549], "06062A864886F70D", "1.2.840.113549"),
            ([0, 4, 0, 127, 0, 7], "060504007F0007", "0.4.0.127.0.7"),
            ([2, 23, 136, 1, 1, 1], "060667810801 0101", "2.23.136.1.1.1"), ([2, 999, 3], "0603883703", "2.999.3"),
            ([1, 0, 10646, 1, 0, 8], "060628D316010008", "1.0.10646.1.0.8"),
        ] as [([UInt64], String, String)])
    func encoding(arcs: [UInt64], hexadecimal: String, text: String) throws {
        let identifier = ObjectIdentifier(arcs)
        #expect(identifier.encoded == Hexadecimal.bytes(hexadecimal.replacing(" ", with: "")))
        #expect(identifier.description == text)
        #expect(try ObjectIdentifier(content: identifier.content) == identifier)
    }

    @Test(
        "content that is no sequence of arcs is refused",
        arguments: [
            [], [0x80], [0x2A, 0x80, 0x01], [0x2A, 0x86], [UInt8](repeating: 1, count: 65),
            [0x2A] + [UInt8](repeating: 0xFF, count: 10) + [0x7F],
        ] as [[UInt8]])
    func refused(content: [UInt8]) {
        #expect(throws: DocumentError.self) { try ObjectIdentifier(content: content) }
    }

    @Test("only a longer identifier is below another")
    func below() {
        let parent = ObjectIdentifier([1, 2, 3])
        #expect(ObjectIdentifier([1, 2, 3, 4]).isBelow(parent))
        #expect(!parent.isBelow(parent))
        #expect(!ObjectIdentifier([1, 2, 4, 4]).isBelow(parent))
    }
}

@Suite("hexadecimal")
struct HexadecimalTests {
    @Test("bytes and text lead to each other")
    func roundTrip() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Hexadecimal.bytes(Hexadecimal.text(bytes)) == bytes)
        #expect(Hexadecimal.bytes(Hexadecimal.text(bytes).lowercased()) == bytes)
        #expect(Hexadecimal.text([0x0A, 0xF0]) == "0AF0")
    }

    @Test("other text is no bytes", arguments: ["0", "0G", "0x", "00 00", "０0", "-1"])
    func noBytes(text: String) {
        #expect(Hexadecimal.bytes(text) == nil)
    }
}
