import Foundation
import TestSupport
import Testing

@testable import Daemon

/// Receipts before JOSE libraries that are not ours; `make jose` installs them.
@Suite("Receipts and JOSE libraries")
struct ReceiptLibraryTests {
    private static let python = ProcessInfo.processInfo.environment["CCCD_JOSE_PYTHON"]

    /// Each checks `receipt.jwt` by the certificate in `terminal.crt`, and prints the payload.
    private static let programs = [
        "jwcrypto": """
        import sys
        from jwcrypto import jwk, jws
        key = jwk.JWK.from_pem(open(sys.argv[2], "rb").read())
        token = jws.JWS()
        token.deserialize(open(sys.argv[1]).read(), key, alg="ES256")
        print(token.payload.decode())
        """,
        "joserfc": """
        import sys
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        from joserfc import jws
        from joserfc.jwk import ECKey
        certificate = x509.load_pem_x509_certificate(open(sys.argv[2], "rb").read())
        public = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        key = ECKey.import_key(public)
        registry = jws.JWSRegistry(algorithms=["ES256"])
        registry.max_header_length = 4096   # the certificate in x5c takes more than its 512
        token = jws.deserialize_compact(open(sys.argv[1]).read(), key, registry=registry)
        print(token.payload.decode())
        """,
    ]

    @Test(
        "the library takes a receipt, and refuses it altered or with another terminal's key",
        .enabled(if: python != nil), arguments: programs.keys.sorted())
    func library(_ name: String) throws {
        let daemon = try TestDaemon()
        let order = "{\"can\": \"012345\", \"receipt\": {\"attributes\": [\"fullName\"], \"nonce\": \"n-1\"}}"
        let receipt = try #require(try daemon.checkIn(order).json["receipt"].string)
        let folder = TestFolder()
        folder.write(try #require(Self.programs[name]), to: "check.py")
        folder.write(receipt, to: "receipt.jwt")
        let parts = receipt.split(separator: ".")
        folder.write("\(parts[0]).\(parts[1].dropLast(4))AAAA.\(parts[2])", to: "altered.jwt")
        folder.write(try #require(try daemon.get("/v1/receipts/key").json["certificate"].string), to: "terminal.crt")
        folder.write(
            try #require(try TestDaemon().get("/v1/receipts/key").json["certificate"].string), to: "other.crt")
        func check(_ receipt: String, _ certificate: String) throws -> ShellCommand.Result {
            try ShellCommand.run([
                try #require(Self.python), folder.file("check.py"), folder.file(receipt), folder.file(certificate),
            ])
        }
        let taken = try check("receipt.jwt", "terminal.crt")
        #expect(taken.status == 0, "\(taken.errors)")
        #expect(taken.output.contains("\"nonce\":\"n-1\""))
        #expect(taken.output.contains(InventedPerson.fullName))
        #expect(try check("altered.jwt", "terminal.crt").status != 0)
        #expect(try check("receipt.jwt", "other.crt").status != 0)
    }
}
