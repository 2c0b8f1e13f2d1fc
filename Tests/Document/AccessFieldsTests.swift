import Document
import Testing

@Suite("access fields")
struct AccessFieldsTests {
    @Test(
        "the MRZ information is that of Doc 9303-11, D.2",
        arguments: [
            // A TD2 number of more than nine characters, one of fewer, and a TD1 number.
            ("D23145890734", "340712", "950712", "D23145890734934071279507122"),
            ("L898902C", "690806", "940623", "L898902C<369080619406236"),
            ("L898902C<", "690806", "940623", "L898902C<369080619406236"),
            ("l898902c", "690806", "940623", "L898902C<369080619406236"),
        ])
    func mrzInformation(number: String, birth: String, expiry: String, information: String) throws {
        let fields = try AccessFields(documentNumber: number, birthDate: birth, expiryDate: expiry)
        #expect(fields.mrzInformation == information)
    }

    @Test("a number with and without its fillers is the same")
    func fillers() throws {
        let fields = try AccessFields(documentNumber: "L898902C<", birthDate: "690806", expiryDate: "940623")
        #expect(try fields == AccessFields(documentNumber: "L898902C", birthDate: "690806", expiryDate: "940623"))
        #expect(fields.documentNumber == "L898902C")
    }

    @Test(
        "what cannot stand in the zone is refused",
        arguments: [
            ("", "690806", "940623"), ("<<<", "690806", "940623"), ("L898-902", "690806", "940623"),
            ("ĐL898902", "690806", "940623"), (String(repeating: "A", count: 23), "690806", "940623"),
            ("L898902C", "69080", "940623"), ("L898902C", "6908061", "940623"), ("L898902C", "690806", "94062A"),
            ("L898902C", "６９０８０６", "940623"), ("L898902C", "", ""),
        ])
    func refused(number: String, birth: String, expiry: String) {
        #expect(throws: DocumentError.self) {
            try AccessFields(documentNumber: number, birthDate: birth, expiryDate: expiry)
        }
    }
}
