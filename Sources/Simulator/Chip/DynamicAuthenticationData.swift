import Document

/// The objects inside the 7C of a GENERAL AUTHENTICATE (Doc 9303-11, 4.4.4.2 and 6.2.4.2).
struct DynamicAuthenticationData: Sendable {
    private let objects: [(tag: Tag, value: [UInt8])]

    /// - Throws: `wrongData` when the data is not one 7C with whole objects inside.
    init(_ data: [UInt8]) throws(ChipRefusal) {
        do throws(DocumentError) {
            var outer = TLVCursor(data.span)
            var inner = outer.inside(try outer.next(0x7C))
            try outer.expectEnd()
            var objects: [(tag: Tag, value: [UInt8])] = []
            while !inner.isAtEnd {
                let object = try inner.next()
                objects.append((object.tag, Array(data[object.content])))
            }
            self.objects = objects
        } catch {
            throw ChipRefusal(status: .wrongData)
        }
    }

    var isEmpty: Bool { objects.isEmpty }

    /// The value of the one object there is, which must have `tag`.
    func only(_ tag: Tag) throws(ChipRefusal) -> [UInt8] {
        guard let object = objects.first, objects.count == 1, object.tag == tag else {
            throw ChipRefusal(status: .wrongData)
        }
        return object.value
    }

    /// A 7C around one object.
    static func encoded(_ tag: Tag, _ value: [UInt8]) -> [UInt8] {
        TLVEncoder.element(0x7C, TLVEncoder.element(tag, value))
    }

    /// A 7C with nothing inside.
    static let empty: [UInt8] = [0x7C, 0x00]
}

/// The objects of a MANAGE SECURITY ENVIRONMENT (Doc 9303-11, 4.4.4.1 and 6.2.4), in any order; unknown ones are ignored.
struct SecurityEnvironment: Sendable {
    private var objects: [Tag: [UInt8]] = [:]

    /// - Throws: `wrongData` when the data is not a row of whole objects.
    init(_ data: [UInt8]) throws(ChipRefusal) {
        do throws(DocumentError) {
            var cursor = TLVCursor(data.span)
            while !cursor.isAtEnd {
                let object = try cursor.next()
                objects[object.tag] = Array(data[object.content])
            }
        } catch {
            throw ChipRefusal(status: .wrongData)
        }
    }

    subscript(tag: Tag) -> [UInt8]? { objects[tag] }

    /// The protocol named by object 80.
    var mechanism: ObjectIdentifier? { objects[0x80].flatMap { try? ObjectIdentifier(content: $0) } }

    /// The number in object 84; nil when there is none or it is longer than four bytes.
    var reference: UInt64? {
        guard let bytes = objects[0x84], bytes.count <= 4 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
