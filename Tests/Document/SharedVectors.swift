import TestSupport

extension SharedVectors {
    /// A file of BSI's specimen card of 2008.
    static func specimen(_ name: String) throws -> [UInt8] { try bytes("specimen/bsi2008/\(name).bin") }

    /// The hexadecimal values of BSI's worked example, by name.
    static func bsiWorkedExample() throws -> [String: String] {
        struct Example: Decodable { let values: [String: String] }
        return try json("bsi-tr03110/bsi_tr03110_eac_worked_examples.json", as: Example.self).values
    }
}
