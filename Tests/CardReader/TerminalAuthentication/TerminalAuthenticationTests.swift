import Crypto
import Document
import FoundationEssentials
import Testing

@testable import CardReader

@Suite("Terminal authentication")
struct TerminalAuthenticationTests {
    private static let arcs: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2]

    enum Kind: CaseIterable, Sendable {
        case ecdsa, rsaPSS, rsaPKCS1

        var algorithm: ObjectIdentifier {
            switch self {
            case .ecdsa: ObjectIdentifier(arcs + [2, 2, 3])
            case .rsaPSS: ObjectIdentifier(arcs + [2, 1, 4])
            case .rsaPKCS1: ObjectIdentifier(arcs + [2, 1, 2])
            }
        }

        var scheme: SignatureScheme {
            switch self {
            case .ecdsa: .ecdsa(.sha256)
            case .rsaPSS: .rsaPSS(digest: .sha256, mgf1: .sha256, saltLength: 32)
            case .rsaPKCS1: .rsaPKCS1(.sha256)
            }
        }

        func key() throws -> PrivateKey {
            self == .ecdsa ? try .generateEC(.brainpoolP256r1) : try .generateRSA(bits: 2048)
        }
    }

    /// A certificate of one invented authority for another.
    private static func certificate(
        _ kind: Kind, from authority: String, to holder: String, _ key: PrivateKey, signedBy signer: PrivateKey
    ) throws -> [UInt8] {
        let publicKey = try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)
        let value =
            try publicKey.ecPoint().map { TLVEncoder.element(0x86, $0.encoded) }
            ?? TLVEncoder.element(0x81, publicKey.rsaModulus ?? []) + TLVEncoder.element(0x82, [1, 0, 1])
        let rights = ObjectIdentifier([0, 4, 0, 127, 0, 7, 3, 1, 2, 1]).encoded + TLVEncoder.element(0x53, [0x03])
        let body = TLVEncoder.element(
            0x7F4E,
            [
                TLVEncoder.element(0x5F29, [0]), TLVEncoder.element(0x42, Array(authority.utf8)),
                TLVEncoder.element(0x7F49, kind.algorithm.encoded + value),
                TLVEncoder.element(0x5F20, Array(holder.utf8)), TLVEncoder.element(0x7F4C, rights),
                TLVEncoder.element(0x5F25, [2, 6, 0, 1, 0, 1]), TLVEncoder.element(0x5F24, [2, 7, 0, 1, 0, 1]),
            ])
        // A signature of the kind that a terminal gives, by the same way.
        let chain = TLVEncoder.element(0x7F21, body + TLVEncoder.element(0x5F37, [0]))
        let own = try TerminalCredentials(
            certificates: replacingKey(in: chain, kind, by: signer), privateKey: signer.pkcs8.bytes)
        return TLVEncoder.element(0x7F21, body + TLVEncoder.element(0x5F37, try own.sign(body)))
    }

    private static func replacingKey(in chain: [UInt8], _ kind: Kind, by key: PrivateKey) throws -> [UInt8] {
        let publicKey = try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)
        let value =
            try publicKey.ecPoint().map { TLVEncoder.element(0x86, $0.encoded) }
            ?? TLVEncoder.element(0x81, publicKey.rsaModulus ?? [])
        let template = TLVEncoder.element(0x7F4C, ObjectIdentifier([0, 4]).encoded + TLVEncoder.element(0x53, [0]))
        let body = TLVEncoder.element(
            0x7F4E,
            [
                TLVEncoder.element(0x5F29, [0]), TLVEncoder.element(0x42, [65]),
                TLVEncoder.element(0x7F49, kind.algorithm.encoded + value), TLVEncoder.element(0x5F20, [66]),
                template, TLVEncoder.element(0x5F25, [2, 6, 0, 1, 0, 1]),
                TLVEncoder.element(0x5F24, [2, 7, 0, 1, 0, 1]),
            ])
        return TLVEncoder.element(0x7F21, body + TLVEncoder.element(0x5F37, [0]))
    }

    private struct Issued {
        let authority: PrivateKey
        let verifier: PrivateKey
        let terminal: PrivateKey
        let verifierCertificate: [UInt8]
        let terminalCertificate: [UInt8]
        let credentials: TerminalCredentials

        init(_ kind: Kind) throws {
            (authority, verifier, terminal) = (try kind.key(), try kind.key(), try kind.key())
            verifierCertificate = try certificate(
                kind, from: "VNCVCA00001", to: "VNDV00001", verifier, signedBy: authority)
            terminalCertificate = try certificate(
                kind, from: "VNDV00001", to: "VNIS00001", terminal, signedBy: verifier)
            credentials = try TerminalCredentials(
                certificates: terminalCertificate + verifierCertificate, privateKey: terminal.pkcs8.bytes)
        }

        func trust(_ kind: Kind) throws -> ChipTerminalTrust {
            let key = { (key: PrivateKey) in try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo) }
            return try ChipTerminalTrust(
                authority: Array("VNCVCA00001".utf8), key: key(authority),
                certified: [Array("VNDV00001".utf8): key(verifier), Array("VNIS00001".utf8): key(terminal)],
                scheme: kind.scheme)
        }
    }

    private static let fingerprints = Sample.file(0x63, 9000)

    /// A chip that keeps DG3 to itself and does chip authentication.
    private static func chip(_ trust: ChipTerminalTrust?, offersPACE: Bool = true) throws -> TestChip {
        let key = try PrivateKey.generateEC(.brainpoolP256r1)
        let publicKey = try TLVEncoder.element(
            .sequence, ObjectIdentifier(arcs + [1, 2]).encoded + key.subjectPublicKeyInfo)
        let variant = TLVEncoder.element(.sequence, ObjectIdentifier(arcs + [3, 2, 2]).encoded + [0x02, 0x01, 0x01])
        var files = Sample.files
        files[.dg14] = TLVEncoder.element(0x6E, TLVEncoder.element(.set, variant + publicKey))
        files[.dg3] = fingerprints
        let chip = try Sample.chip(cardAccess: offersPACE ? Sample.cardAccess : nil, files: files)
        chip.authenticationKey = (try key.ecScalar(on: .brainpoolP256r1), .brainpoolP256r1, .aes128)
        chip.denied = [ElementaryFile.dg3.fileIdentifier]
        chip.terminalTrust = trust
        if let trust {
            let file = TLVEncoder.element(0x42, trust.authority)
            chip.files[0x011C] = file + [UInt8](repeating: 0, count: 36 - file.count)
        }
        return chip
    }

    private static func read(_ chip: TestChip, _ credentials: TerminalCredentials?) throws -> ChipRead {
        var request = ReadRequest(key: .mrz(try #require(Sample.fields)))
        request.terminalCredentials = credentials
        return try ChipReader(channel: chip).read(request)
    }

    @Test(
        "A terminal with the State's rights reads fingerprints, after PACE and after BAC", arguments: Kind.allCases,
        [true, false])
    func rights(_ kind: Kind, offersPACE: Bool) throws {
        let issued = try Issued(kind)
        let chip = try Self.chip(issued.trust(kind), offersPACE: offersPACE)
        let read = try Self.read(chip, issued.credentials)
        #expect(read.terminalAuthentication == .succeeded)
        #expect(read.image[.dg3] == Self.fingerprints)
        #expect(read.unread.isEmpty)
    }

    @Test("Without credentials nothing of the kind is asked, and DG3 is told as out of reach")
    func withoutCredentials() throws {
        let issued = try Issued(.ecdsa)
        let chip = try Self.chip(issued.trust(.ecdsa))
        let read = try Self.read(chip, nil)
        #expect(read.terminalAuthentication == .notAsked)
        #expect(read.unread == [UnreadFile(file: .dg3, reason: .needsTerminalAuthentication)])
    }

    @Test("A terminal whose rights come from elsewhere is refused, and the rest is read")
    func strangers() throws {
        let (issued, others) = (try Issued(.ecdsa), try Issued(.ecdsa))
        let refused = try Self.read(Self.chip(others.trust(.ecdsa)), issued.credentials)
        #expect(
            refused.terminalAuthentication
                == .refused(.authenticationFailed, command: "PSO:Verify Certificate"))
        #expect(refused.image[.dg3] == nil && refused.image[.dg2] == Sample.files[.dg2])
        let alone = try TerminalCredentials(
            certificates: issued.terminalCertificate, privateKey: issued.terminal.pkcs8.bytes)
        let unchained = try Self.read(Self.chip(issued.trust(.ecdsa)), alone)
        guard case .notPossible = unchained.terminalAuthentication else {
            Issue.record("\(unchained.terminalAuthentication)")
            return
        }
        let unsupported = try Self.read(Self.chip(nil), issued.credentials)
        #expect(
            unsupported.terminalAuthentication == .refused(.instructionNotSupported, command: "MSE:Set DST"))
    }

    @Test("A chip that did not prove itself is shown no certificate")
    func withoutChipAuthentication() throws {
        let issued = try Issued(.ecdsa)
        let chip = try Self.chip(issued.trust(.ecdsa))
        chip.habits.chipAuthentication = .refuses
        let read = try Self.read(chip, issued.credentials)
        guard case .notPossible = read.terminalAuthentication else {
            Issue.record("\(read.terminalAuthentication)")
            return
        }
    }

    @Test("Credentials come from files, the key in PEM or DER, and what is none of them is refused by name")
    func files() throws {
        let issued = try Issued(.ecdsa)
        let folder = FileManager.default.temporaryDirectory.appending(path: "terminal-\(Random.bytesText)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = { (name: String) in folder.appending(path: name).path }
        try Data(issued.verifierCertificate).write(to: URL(filePath: path("dv.cvcert")))
        try Data(issued.terminalCertificate).write(to: URL(filePath: path("is.cvcert")))
        let key = try Data(issued.terminal.pkcs8.bytes)
        try key.write(to: URL(filePath: path("key.der")))
        let pem = "-----BEGIN PRIVATE KEY-----\n\(key.base64EncodedString())\n-----END PRIVATE KEY-----\n"
        try Data(pem.utf8).write(to: URL(filePath: path("key.pem")))
        for file in ["key.der", "key.pem"] {
            let credentials = try TerminalCredentials(
                certificateFiles: [path("dv.cvcert"), path("is.cvcert")], privateKeyFile: path(file))
            #expect(credentials.terminal.holderReference == Array("VNIS00001".utf8))
        }
        for (certificates, file) in [
            (["dv.cvcert"], "key.der"), (["key.der"], "key.der"), (["none"], "key.der"), (["is.cvcert"], "is.cvcert"),
        ] {
            #expect {
                try TerminalCredentials(certificateFiles: certificates.map(path), privateKeyFile: path(file))
            } throws: { error in
                if case CardReaderError.terminalCredentials = error { true } else { false }
            }
        }
    }

    @Test(
        "BSI's certificates are parsed, and its terminals' keys belong to them", .enabled(if: WorkedExamples.arePresent)
    )
    func federalOfficeCertificates() throws {
        for (chain, key) in [
            (["ecdh_dv_cert", "ecdh_ta_cert"], "ecdh_ta_pcd_key"), (["dh_dv_cert", "dh_ta_cert"], "dh_ta_pcd_key"),
        ] {
            let certificates = chain.flatMap { WorkedExamples.bsi("tc_" + $0) }
            let credentials = try TerminalCredentials(
                certificates: certificates, privateKey: WorkedExamples.bsi("tc_" + key))
            #expect(credentials.terminal.holderReference.starts(with: Array("DETEST".utf8)))
            let root = try #require(credentials.certificates.first).authorityReference
            #expect(credentials.chain(from: [root])?.count == 2)
            #expect(credentials.chain(from: [[1]]) == nil)
        }
        for name in ["tc_ecdh_cvca_cert", "tc_dh_cvca", "kba_dvca_cert", "kba_cert", "cvc1"] {
            _ = try CardVerifiableCertificate(WorkedExamples.bsi(name))
        }
    }

    @Test(
        "BSI's worked example of terminal authentication: the signature is over the chip, its challenge and the terminal's key",
        .enabled(if: WorkedExamples.arePresent))
    func federalOfficeSignatures() throws {
        for agreement in ["ecdh", "dh"] {
            let value = { (name: String) in WorkedExamples.bsi("tc_\(agreement)_\(name)") }
            let group =
                try agreement == "dh"
                ? AgreementGroup.integers(DHGroup(standardizedDomainParameterID: 0))
                : AgreementGroup.curve(ECGroup(.brainpoolP256r1))
            let credentials = try TerminalCredentials(certificates: value("ta_cert"), privateKey: value("ta_pcd_key"))
            let message =
                try group.compressed(value("picc_pub_key")) + value("ta_nonce")
                + group.compressed(value("ca_pcd_pub_key"))
            let printed = value("ta_pcd_signature")
            if agreement == "dh" {
                #expect(try credentials.sign(message) == printed)
            } else {
                let key = try PublicKey(
                    subjectPublicKeyInfo: PrivateKey(pkcs8: value("ta_pcd_key")).subjectPublicKeyInfo)
                for signature in [printed, try credentials.sign(message)] {
                    let scheme = SignatureScheme.ecdsa(.sha512)
                    let encoded = try ChipTerminalTrust.signature(TLVEncoder.element(0x5F37, signature), scheme)
                    #expect(try key.verify(signature: encoded, message: message, scheme: scheme))
                }
            }
        }
    }

    @Test("A certificate cut off or changed anywhere is parsed or refused, and does no harm")
    func hostileCertificates() throws {
        let certificate = try Issued(.ecdsa).terminalCertificate
        for count in certificate.indices {
            #expect(throws: DocumentError.self) { try CardVerifiableCertificate(Array(certificate.prefix(count))) }
        }
        for index in certificate.indices {
            var changed = certificate
            changed[index] ^= 0x81
            _ = try? CardVerifiableCertificate(changed)
        }
    }
}

extension Random {
    fileprivate static var bytesText: String { Hexadecimal.text((try? bytes(8)) ?? []) }
}
