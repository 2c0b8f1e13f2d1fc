import Crypto
import Document
import Foundation
import Testing

@testable import Simulator

@Suite("EF.SOD")
struct SecurityObjectTests {
    private typealias Algorithm = TestPKITests.Algorithm

    private func card(
        _ options: SecurityObjectOptions = SecurityObjectOptions(), pki: TestPKI
    ) throws -> PersonalisedCard {
        var personalisation = Personalisation(.demo)
        personalisation.securityObject = options
        return try personalisation.card(signedBy: pki)
    }

    /// `openssl cms -verify` with the CSCA as its only anchor, on the SignedData in EF.SOD.
    private func verify(_ file: [UInt8], _ pki: TestPKI) throws -> OpenSSLCommand.Output {
        var cursor = TLVCursor(file.span)
        let content = cursor.copy(try cursor.next(0x77).content)
        return try OpenSSLCommand.run(
            [
                "cms", "-verify", "-inform", "DER", "-in", "sod.der", "-CAfile", "csca.pem", "-purpose", "any",
                "-auth_level", "0", "-certfile", "dsc.pem", "-out", "content",
            ],
            files: [
                "sod.der": content, "csca.pem": OpenSSLCommand.pem(pki.countrySigner.certificate),
                "dsc.pem": OpenSSLCommand.pem(pki.documentSigner.certificate),
            ])
    }

    private static let named: TestPKI.Options = {
        var options = TestPKI.Options()
        options.curveEncoding = .named
        return options
    }()

    @Test(
        "openssl cms verifies the signature with every algorithm",
        arguments: TestPKITests.Algorithm.all.filter { $0.encoding == .named })
    func algorithms(_ algorithm: TestPKITests.Algorithm) throws {
        var options = TestPKI.Options()
        options.countrySignerKey = .ec(.secp256r1)
        options.countrySignerScheme = .ecdsa(.sha256)
        options.documentSignerKey = algorithm.key
        options.documentSignerScheme = algorithm.scheme
        options.curveEncoding = .named
        let pki = try TestPKI(options)
        let output = try verify(card(pki: pki).image.bytes(.sod), pki)
        #expect(output.status == 0, "\(output.text)")
    }

    @Test(
        "openssl cms verifies every form of the security object",
        arguments: [UInt64(0), 1],
        [SecurityObjectOptions.SignerIdentifier.issuerAndSerialNumber, .subjectKeyIdentifier])
    func forms(version: UInt64, signer: SecurityObjectOptions.SignerIdentifier) throws {
        let pki = try TestPKI(Self.named)
        for digest in DigestAlgorithm.allCases {
            for (time, hasCertificate) in [(nil, true), (Timestamp(.constant(2021, 4, 20), secondOfDay: 3661), false)] {
                var options = SecurityObjectOptions()
                options.version = version
                options.signerIdentifier = signer
                options.dataGroupDigest = digest
                options.signingTime = time
                options.includesCertificate = hasCertificate
                let file = try card(options, pki: pki).image.bytes(.sod)
                let output = try verify(file, pki)
                #expect(output.status == 0, "\(output.text)")
                let read = try SecurityObject(file)
                #expect(read.tolerances.isEmpty)
                #expect(read.lds != nil)
            }
        }
    }

    @Test("the hashes are those of the data groups")
    func hashes() throws {
        let card = try card(pki: TestPKI())
        let object = try SecurityObject(card.image.bytes(.sod))
        let lds = try #require(object.lds)
        for (number, file) in [(1, ElementaryFile.dg1), (2, .dg2), (13, .dg13), (14, .dg14)] {
            #expect(try lds.hashes[number] == Digest.hash(try #require(card.image[file]), with: .sha256))
        }
    }

    @Test("openssl cms refuses another CSCA and an altered content")
    func refusals() throws {
        let pki = try TestPKI(Self.named)
        let file = try card(pki: pki).image.bytes(.sod)
        #expect(try verify(file, TestPKI(Self.named)).status != 0)
        var tampered = try card(pki: pki)
        let hash = try Digest.hash(tampered.image.bytes(.dg13), with: .sha256)
        let offset = try #require(file.indices.first { file[$0...].starts(with: hash) })
        tampered.image[.sod] = file
        try tampered.tamper(with: .sod, at: offset)
        #expect(try verify(tampered.image.bytes(.sod), pki).status != 0)
    }
}
