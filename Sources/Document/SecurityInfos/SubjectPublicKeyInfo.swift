extension TLVCursor {
    /// The next element, a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), copied whole. Its outer structure is checked, the key
    /// itself is not looked at.
    mutating func nextSubjectPublicKeyInfo() throws(DocumentError) -> [UInt8] {
        let sequence = try next(.sequence)
        var fields = inside(sequence)
        _ = try fields.next(.sequence)
        _ = try fields.next(.bitString)
        try fields.expectEnd()
        return copy(sequence.range)
    }
}
