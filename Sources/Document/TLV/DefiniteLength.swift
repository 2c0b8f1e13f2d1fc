/// Rewrites BER of indefinite length (X.690, 8.1.3.6) with definite lengths, which some States' EF.SOD need.
///
/// Strings that come in segments (X.690, 8.7.3) become one, since a hash or a signature is over their value. An element
/// that holds neither is kept byte for byte: what is signed, and what is wrong with it, stays as it was.
struct DefiniteLength {
    private static let maximumDepth = 24
    private static let maximumElements = 8192
    private static let segmentedOctetString: Tag = 0x24

    private let bytes: [UInt8]
    private var elementCount = 0

    /// The first element of `bytes` with definite lengths throughout, and how many bytes it took.
    ///
    /// - Throws: `truncated`, `invalidTag`, `invalidLength`; `unsupported` when it is nested deeper than 24 levels or has
    ///   more than 8192 elements.
    static func rewrite(_ bytes: [UInt8]) throws(DocumentError) -> (element: [UInt8], consumed: Int) {
        var rewriter = DefiniteLength(bytes: bytes)
        let element = try rewriter.element(at: 0, end: bytes.count, depth: 0)
        return (element.encoding, element.next)
    }

    private struct Element {
        let tag: Tag
        let encoding: [UInt8]
        let value: [UInt8]
        let isRewritten: Bool
        let next: Int
    }

    private mutating func element(at start: Int, end: Int, depth: Int) throws(DocumentError) -> Element {
        elementCount += 1
        guard depth < Self.maximumDepth, elementCount <= Self.maximumElements else {
            throw .unsupported(field: "nesting", value: "at byte \(start)")
        }
        let header = try TLVCursor(bytes.span).header(at: start, end: end)
        guard header.tag.isConstructed else {
            guard let length = header.length else { throw .indefiniteLength(offset: start) }
            return verbatim(header.tag, start: start, content: header.content, next: header.content + length)
        }
        let (children, next) = try children(
            at: header.content, length: header.length, end: end, start: start, depth: depth)
        let isSegmented = header.tag == Self.segmentedOctetString
        guard header.length == nil || isSegmented || children.contains(where: \.isRewritten) else {
            return verbatim(header.tag, start: start, content: header.content, next: next)
        }
        if isSegmented, children.contains(where: { $0.tag != .octetString }) {
            throw .invalidValue(field: "OCTET STRING", reason: "a segment is of another type")
        }
        let tag = isSegmented ? .octetString : header.tag
        let value = children.flatMap { isSegmented ? $0.value : $0.encoding }
        return Element(
            tag: tag, encoding: TLVEncoder.element(tag, value), value: value, isRewritten: true, next: next)
    }

    private mutating func children(
        at content: Int, length: Int?, end: Int, start: Int, depth: Int
    ) throws(DocumentError) -> ([Element], next: Int) {
        var children: [Element] = []
        var position = content
        let last = length.map { content + $0 } ?? end
        while length == nil || position < last {
            if length == nil {
                guard position + 2 <= last else { throw .truncated(offset: start) }
                if bytes[position] == 0, bytes[position + 1] == 0 { return (children, position + 2) }
            }
            let child = try element(at: position, end: last, depth: depth + 1)
            children.append(child)
            position = child.next
        }
        return (children, position)
    }

    private func verbatim(_ tag: Tag, start: Int, content: Int, next: Int) -> Element {
        Element(
            tag: tag, encoding: Array(bytes[start..<next]), value: Array(bytes[content..<next]), isRewritten: false,
            next: next)
    }
}
