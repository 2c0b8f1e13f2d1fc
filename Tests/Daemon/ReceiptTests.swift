import Crypto
import Document
import FoundationEssentials
import TestSupport
import Testing

@testable import Daemon

@Suite("Receipts")
struct ReceiptTests {
    private static let order = """
        {"can": "012345", "receipt": {"attributes": ["fullName", "birthDate", "spouseName"], "nonce": "n-1", "audience": "x"}}
        """

    @Test("a receipt states what was asked for and is proven, and nothing else")
    func content() throws {
        let daemon = try TestDaemon { $0.facility.code = "01001" }
        let reply = try daemon.checkIn(Self.order)
        let text = try #require(reply.json["receipt"].string)
        let certificate = try daemon.certificate
        let verified = try VerifiedReceipt(text, trusting: [certificate.der])
        #expect(verified.isTrusted)
        let receipt = verified.receipt
        #expect(receipt.jti == reply.headers["audit-id"])
        #expect(receipt.nonce == "n-1")
        #expect(receipt.aud == "x")
        #expect(receipt.facility == "01001")
        #expect(receipt.card.outcome == "genuine")
        #expect(receipt.card.checks == ["sod.signature": "passed"])
        // The card has no spouse's name, and the number was not asked for.
        #expect(
            receipt.attributes == ["fullName": InventedPerson.fullName, "birthDate": InventedPerson.birthDate])
        let payload = String(
            decoding: try #require(Base64URL.bytes(text.split(separator: ".")[1])), as: UTF8.self)
        #expect(!payload.contains(InventedPerson.personalNumber))
        #expect(!payload.contains(InventedPerson.residence))
        var last = ""
        try AuditReader(path: daemon.audit).records {
            last = $1; return true
        }
        #expect(last.contains("\"receipt\":[\"fullName\",\"birthDate\",\"spouseName\"]"))
    }

    @Test("a card that proves nothing gets no receipt, and its check-in an answer all the same")
    func unproven() throws {
        let daemon = try TestDaemon(judge: ScriptedJudge(outcome: "invalid", isProven: false))
        let reply = try daemon.checkIn(Self.order)
        #expect(reply.status == 200)
        #expect(reply.json["receipt"].isNull)
        #expect(reply.json["receiptProblem"]["type"].string == "urn:cccd:problem:identity-not-proven")
    }

    @Test("who may not have receipts, or not this attribute, is told so before the card is read")
    func permissions() throws {
        var rights = Rights(.terminal)
        let daemon = try TestDaemon {
            $0.access.grants = [Configuration.Grant(role: .terminal, users: [.number(SystemCalls.ownUser)])]
        }
        #expect(try daemon.checkIn(Self.order).json["permission"].string == "field:spouseName")
        rights.permissions.remove(.receipts)
        let other = try TestDaemon { [rights] in
            $0.access.grants = [Configuration.Grant(role: .terminal, users: [.number(SystemCalls.ownUser)])]
            $0.access.roles = [.terminal: rights]
        }
        #expect(try other.checkIn(Self.order).json["permission"].string == "receipts")
        #expect(try other.get("/v1/receipts/key").status == 403)
        #expect(daemon.desk.requests.isEmpty && other.desk.requests.isEmpty)
    }

    @Test(
        "an order for a receipt that makes no sense is refused by its place",
        arguments: [
            "{}", "{\"attributes\": \"fullName\"}", "{\"attributes\": [\"portrait\"]}", "{\"attributes\": [\"dna\"]}",
            "{\"attributes\": [], \"nonce\": 5}", "{\"attributes\": [], \"nounce\": \"x\"}", "true",
            "{\"attributes\": [], \"nonce\": \"\(String(repeating: "x", count: 257))\"}",
        ])
    func faultyOrder(receipt: String) throws {
        let reply = try TestDaemon().checkIn("{\"can\": \"012345\", \"receipt\": \(receipt)}")
        #expect(reply.status == 422)
        #expect(reply.json["pointer"].string?.hasPrefix("/receipt") == true)
    }

    @Test(
        "OpenSSL, with the certificate of GET /v1/receipts/key, takes the signature, and refuses it over another payload"
    )
    func openSSL() throws {
        let daemon = try TestDaemon()
        let text = try #require(try daemon.checkIn(Self.order).json["receipt"].string)
        let key = try daemon.get("/v1/receipts/key")
        let folder = TestFolder()
        folder.write(try #require(key.json["certificate"].string), to: "terminal.crt")
        let parts = text.split(separator: ".")
        let raw = try #require(Base64URL.bytes(parts[2]))
        let numbers = [raw.prefix(32), raw.suffix(32)].map { TLVEncoder.element(.integer, [0] + Array($0)) }
        // A sign byte too many is not DER, which OpenSSL insists on.
        let minimal = numbers.map { number -> [UInt8] in
            var magnitude = Array(number.dropFirst(2))
            while magnitude.count > 1, magnitude[0] == 0, magnitude[1] & 0x80 == 0 { magnitude.removeFirst() }
            return TLVEncoder.element(.integer, magnitude)
        }
        try Data(TLVEncoder.element(.sequence, minimal)).write(to: URL(filePath: folder.file("signature")))
        folder.write("\(parts[0]).\(parts[1])", to: "message")
        folder.write("\(parts[0]).\(parts[1].dropLast(4))AAAA", to: "other")
        _ = try ShellCommand.run([
            "openssl", "x509", "-in", folder.file("terminal.crt"), "-pubkey", "-noout", "-out", folder.file("key"),
        ])
        func verify(_ message: String) throws -> Int32 {
            try ShellCommand.run([
                "openssl", "dgst", "-sha256", "-verify", folder.file("key"), "-signature", folder.file("signature"),
                folder.file(message),
            ]).status
        }
        #expect(try verify("message") == 0)
        #expect(try verify("other") != 0)
        let text2 = try ShellCommand.run(["openssl", "x509", "-in", folder.file("terminal.crt"), "-noout", "-text"])
        #expect(text2.output.contains("Digital Signature"))
        #expect(text2.output.contains("CN = cccd terminal"))
    }

    @Test("an altered receipt, a foreign terminal's, and what is none are not taken")
    func forged() throws {
        let daemon = try TestDaemon()
        let text = try #require(try daemon.checkIn(Self.order).json["receipt"].string)
        let parts = text.split(separator: ".").map(String.init)
        let payload = String(decoding: try #require(Base64URL.bytes(parts[1][...])), as: UTF8.self)
        let altered = Base64URL.text(Array(payload.replacing("genuine", with: "Genuine").utf8))
        #expect(throws: TerminalError.wrongSignature) {
            try VerifiedReceipt("\(parts[0]).\(altered).\(parts[2])", trusting: [])
        }
        let header = String(decoding: try #require(Base64URL.bytes(parts[0][...])), as: UTF8.self)
        for (old, new) in [("ES256", "none"), ("ES256", "HS256"), ("cccd-receipt+jwt", "JWT"), ("x5c", "x5d")] {
            let other = Base64URL.text(Array(header.replacing(old, with: new).utf8))
            #expect(throws: TerminalError.self) {
                try VerifiedReceipt("\(other).\(parts[1]).\(parts[2])", trusting: [])
            }
        }
        for other in [
            "", "..", "\(parts[0]).\(parts[1]).", "\(text).", "\(text)=", "\(parts[0]).\(parts[1])", "a.b.c",
            String(repeating: "A", count: 2 << 20),
        ] {
            #expect(throws: TerminalError.self) { try VerifiedReceipt(other, trusting: []) }
        }
        // A head of the audit log is signed by the same key, and is no receipt.
        let head = try #require(try AuditReader(path: daemon.audit).head())
        #expect(throws: TerminalError.self) { try VerifiedReceipt(head, trusting: []) }
        let stranger = try TestDaemon()
        #expect(try !VerifiedReceipt(text, trusting: [stranger.certificate.der]).isTrusted)
        #expect(try !VerifiedReceipt(text, trusting: []).isTrusted)
    }

    @Test("the terminal's key and certificate stay the same over starts, readable for the daemon alone")
    func terminal() throws {
        let folder = TestFolder()
        let first = try Terminal(keyPath: folder.file("k"), certificatePath: folder.file("c"), name: "One")
        let second = try Terminal(keyPath: folder.file("k"), certificatePath: folder.file("c"), name: "Two")
        #expect(first.certificate.der == second.certificate.der)
        #expect(first.certificate.subject.text == "CN=cccd terminal One")
        #expect(first.certificate.isSigned(by: try first.certificate.publicKey()))
        #expect(try ShellCommand.run(["stat", "-c", "%a", folder.file("k")]).output.hasPrefix("600"))
        let other = TestFolder()
        _ = try Terminal(keyPath: other.file("k"), certificatePath: other.file("c"), name: "One")
        #expect(throws: TerminalError.foreignCertificate(path: other.file("c"))) {
            try Terminal(keyPath: folder.file("k"), certificatePath: other.file("c"), name: nil)
        }
        other.write("no key", to: "k")
        #expect(throws: TerminalError.self) {
            try Terminal(keyPath: other.file("k"), certificatePath: other.file("c"), name: nil)
        }
    }

    @Test("base64 for URLs is taken in its one form alone")
    func base64() {
        for bytes: [UInt8] in [[], [0], [0xFB, 0xFF], [1, 2, 3], Array(0...255)] {
            #expect(Base64URL.bytes(Base64URL.text(bytes)[...]) == bytes)
        }
        for text in ["A", "AB=", "AB==", "+A", "/A", "A B", "AB\n", "AZ", "é"] {
            #expect(Base64URL.bytes(text[...]) == nil, "\(text)")
        }
    }
}

extension TestDaemon {
    /// The terminal's certificate.
    var certificate: Certificate {
        get throws {
            let text = try get("/v1/receipts/key").json["certificate"].string ?? ""
            guard let certificate = try Certificate.all(in: Array(text.utf8)).first else { throw NoAnswer() }
            return certificate
        }
    }
}
