import Crypto
import Document
import Simulator
import Testing
import Verifier

/// Counts what hostile EF.SODs make the verifier do; `Benchmarks/HostileSecurityObjects` measures time and memory.
@Suite("The cost of a hostile EF.SOD")
struct HostileCostTests {
    private let state: ForgedState
    private let verifier: CardVerifier

    init() throws {
        state = try ForgedState.shared()
        var trust = TrustStore()
        try trust.add(Certificate(der: state.pki.countrySigner.certificate))
        verifier = CardVerifier(trust: trust)
    }

    private func explanation(_ object: ForgedSecurityObject) throws -> TrustExplanation {
        verifier.explainTrust(Evidence(image: state.image(try object.file()), date: ForgedState.date))
    }

    @Test(
        "of many certificates with one identifier no more than four are looked at, whatever the number of signers",
        arguments: 1...4)
    func candidates(_ signerCount: Int) throws {
        var object = try state.securityObject()
        object.certificates = Array(repeating: object.certificates[0], count: 60)
        object.signers = Array(repeating: object.signers[0], count: signerCount)
        let explanation = try explanation(object)
        #expect(explanation.signers.count == signerCount)
        #expect(explanation.signers.flatMap(\.certificates).count <= 4)
        #expect(explanation.signers.allSatisfy { !$0.certificates.isEmpty })
    }

    @Test("more certificates, signers or attributes than any document has are refused by the structure")
    func tooMany() throws {
        var certificates = try state.securityObject()
        certificates.certificates = Array(repeating: certificates.certificates[0], count: 65)
        var signers = try state.securityObject()
        signers.signers = Array(repeating: signers.signers[0], count: 5)
        var attributes = try state.securityObject()
        attributes.signers[0].furtherAttributes = (40..<80).map { ForgedSigner.attribute($0, DERWriter.null) }
        for object in [certificates, signers, attributes] {
            try state.verdict(object).expectRefusal(by: .sodStructure, .malformedSecurityObject)
        }
    }

    @Test("more bytes than a file of a card has are refused by the structure")
    func tooLong() throws {
        let file = try state.securityObject().file()
        try state.verdict(file + [UInt8](repeating: 0, count: 65_545 - file.count))
            .expectRefusal(by: .sodStructure, .malformedSecurityObject)
        let longest = try state.verdict(file + [UInt8](repeating: 0, count: 65_544 - file.count))
        #expect(longest.outcome == .authenticData)
    }

    @Test("nesting without end is refused by the structure, with definite lengths and without")
    func nesting() throws {
        var nested: [UInt8] = []
        while nested.count < 60_000 { nested = TLVEncoder.element(.sequence, nested) }
        let indefinite = Array(repeatElement([UInt8(0x30), 0x80], count: 30_000).joined())
        let segments =
            [0x30, 0x80] + Array(repeatElement([UInt8(0x24), 0x80, 0, 0], count: 10_000).joined()) + [0, 0]
        for content in [nested, indefinite, segments] {
            try state.verdict(TLVEncoder.element(0x77, content))
                .expectRefusal(by: .sodStructure, .malformedSecurityObject)
        }
    }

    @Test("a true anchor is found among many of its name, wherever it stands")
    func namesakes() throws {
        let namesakes = try (0..<20).map { _ in try TestPKI().countrySigner.certificate }
        for place in [0, 10, 20] {
            var anchors = namesakes
            anchors.insert(state.pki.countrySigner.certificate, at: place)
            let verdict = try ForgedState.verdict(state.card.image, trusting: anchors)
            #expect(verdict.outcome == .authenticData, "\(verdict.failures)")
        }
    }
}
