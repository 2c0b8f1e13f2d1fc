import Crypto
import Document
import Simulator

/// An EF.SOD of up to 64 KiB that is built to cost as much as its bytes can, and that nobody signed.
struct HostileObject {
    let name: String
    let file: [UInt8]

    /// The largest elementary file of a card.
    static let maximumByteCount = 65_535

    /// Every object against `state`'s good one.
    static func all(_ state: TestPKI) throws -> [HostileObject] {
        let rsa = largeRSAInfo
        return [
            try manyCertificates(state, info: nil, signers: 1, name: "64 certificates of one name and number"),
            try manyCertificates(state, info: rsa, signers: 1, name: "certificates of one name with RSA-8192 keys"),
            try manyCertificates(state, info: rsa, signers: 4, name: "the same with four signers"),
            try manyCertificates(state, info: nil, signers: 64, name: "64 signers"),
            try manyCertificates(
                state, info: rsa, signers: 4, isPSS: true, name: "four signers by PSS with RSA-8192 keys"),
            try strangers(state),
            try longName(state, isOneSet: false, name: "an issuer of thousands of relative names"),
            try longName(state, isOneSet: true, name: "an issuer of one relative name with thousands of attributes"),
            try extensions(state),
            try composite(state),
            HostileObject(name: "nesting as deep as it goes", file: nested(indefinite: false)),
            HostileObject(name: "indefinite lengths nested as deep as it goes", file: nested(indefinite: true)),
            HostileObject(name: "indefinite lengths around thousands of elements", file: segments()),
            try attributes(state),
            try hashes(state),
            HostileObject(name: "zeros", file: [UInt8](repeating: 0, count: maximumByteCount)),
            HostileObject(name: "length bytes", file: [UInt8](repeating: 0x30, count: maximumByteCount)),
        ]
    }

    /// SubjectPublicKeyInfo of RSA with 8192 bits and the largest exponent that is taken; nobody knows its factors.
    private static let largeRSAInfo: [UInt8] = {
        let modulus = (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 131) | ($0 == 0 ? 0x80 : 0) | 1 }
        return element(
            0x30,
            element(0x30, identifier(1, 2, 840, 113549, 1, 1, 1) + [5, 0])
                + element(
                    0x03,
                    [0]
                        + element(
                            0x30,
                            element(0x02, [0] + modulus) + element(0x02, [0] + [UInt8](repeating: 0xFF, count: 8)))))
    }()

    /// As many copies of a certificate as fit, each named by every signer, none the trusted CSCA's work.
    private static func manyCertificates(
        _ state: TestPKI, info: [UInt8]?, signers: Int, isPSS: Bool = false, name: String
    ) throws -> HostileObject {
        let template = try forgedSigner(state)
        let certificates = try (0..<64).map { number in
            var copy = template
            if let info { copy.subjectPublicKeyInfo = info }
            copy.notAfter = Timestamp(copy.notAfter.date, secondOfDay: number)
            return try copy.signed(by: state.documentSigner.key)
        }
        let signature = [UInt8](repeating: 0x01, count: info == nil ? 70 : 1024)
        let ecdsa = identifier(1, 2, 840, 10045, 4, 3, 2)
        let pss = identifier(1, 2, 840, 113549, 1, 1, 10) + pssParameters
        let algorithm =
            info == nil ? ecdsa : isPSS ? pss : identifier(1, 2, 840, 113549, 1, 1, 11) + [5, 0]
        let signer = signerInfo(certificates[0], algorithm: element(0x30, algorithm), signature: signature)
        let room = maximumByteCount - 600 - signers * (signer.count + 4)
        var size = 0
        let fitting = certificates.prefix { certificate in
            size += certificate.count
            return size <= room
        }
        return HostileObject(
            name: name,
            file: file(certificates: Array(fitting), signers: [[UInt8]](repeating: signer, count: signers)))
    }

    /// Certificates of strangers, in the midst of which nobody's signature must be looked for.
    private static func strangers(_ state: TestPKI) throws -> HostileObject {
        let template = try forgedSigner(state)
        let certificates = try (0..<64).map { number in
            var copy = template
            copy.serialNumber = [0x40, UInt8(number)]
            return try copy.signed(by: state.documentSigner.key)
        }
        let signer = signerInfo(
            state.documentSigner.certificate, algorithm: element(0x30, identifier(1, 2, 840, 10045, 4, 3, 2)),
            signature: [UInt8](repeating: 1, count: 70))
        return HostileObject(
            name: "64 certificates of strangers",
            file: file(certificates: certificates, signers: [[UInt8]](repeating: signer, count: 4)))
    }

    private static func longName(_ state: TestPKI, isOneSet: Bool, name: String) throws -> HostileObject {
        let attributes = (0..<1800).map { number in
            element(
                0x30,
                identifier(2, 5, 4, 3)
                    + element(0x0C, [0x41 + UInt8(number % 26), 0x41 + UInt8(number / 26 % 26), 0x20, 0x20]))
        }
        let sets = isOneSet ? element(0x31, Array(attributes.joined())) : attributes.flatMap { element(0x31, $0) }
        let long = element(0x30, sets)
        var template = try forgedSigner(state)
        template.issuer = CertificateName(encoded: long)
        let certificate = try template.signed(by: state.documentSigner.key)
        let signer = signerInfo(
            certificate, algorithm: element(0x30, identifier(1, 2, 840, 10045, 4, 3, 2)),
            signature: [UInt8](repeating: 1, count: 70))
        return HostileObject(name: name, file: file(certificates: [certificate], signers: [signer]))
    }

    private static func extensions(_ state: TestPKI) throws -> HostileObject {
        var template = try forgedSigner(state)
        for number in 0..<4200 {
            template.extensions.append(
                CertificateExtension(ObjectIdentifier([1, 3, UInt64(200 + number)]), value: [5, 0]))
        }
        let certificate = try template.signed(by: state.documentSigner.key)
        let signer = signerInfo(
            certificate, algorithm: element(0x30, identifier(1, 2, 840, 10045, 4, 3, 2)),
            signature: [UInt8](repeating: 1, count: 70))
        return HostileObject(
            name: "a certificate of thousands of extensions", file: file(certificates: [certificate], signers: [signer]))
    }

    /// Explicit parameters over a composite number of the largest size, with a compressed generator to take the root of.
    private static func composite(_ state: TestPKI) throws -> HostileObject {
        let prime = [UInt8](repeating: 0xFF, count: 81) + [0xFE, 0x01]
        let field = element(0x30, identifier(1, 2, 840, 10045, 1, 1) + element(0x02, [0] + prime))
        let number = element(0x04, prime.map { $0 ^ 0x55 })
        let parameters = element(
            0x30,
            element(0x02, [1]) + field + element(0x30, number + number)
                + element(0x04, [2] + prime.map { $0 ^ 0x33 }) + element(0x02, [0] + prime) + element(0x02, [1]))
        var template = try forgedSigner(state)
        template.subjectPublicKeyInfo = element(
            0x30,
            element(0x30, identifier(1, 2, 840, 10045, 2, 1) + parameters)
                + element(0x03, [0, 2] + prime.map { $0 ^ 0x33 }))
        let certificates = try (0..<40).map { number in
            var copy = template
            copy.notAfter = Timestamp(copy.notAfter.date, secondOfDay: number)
            return try copy.signed(by: state.documentSigner.key)
        }
        let signer = signerInfo(
            certificates[0], algorithm: element(0x30, identifier(1, 2, 840, 10045, 4, 3, 2)),
            signature: [UInt8](repeating: 1, count: 70))
        return HostileObject(
            name: "explicit parameters over a composite number",
            file: file(certificates: certificates, signers: [[UInt8]](repeating: signer, count: 4)))
    }

    private static func nested(indefinite: Bool) -> [UInt8] {
        if indefinite {
            let head = Array(repeatElement([UInt8(0x30), 0x80], count: 16_000).joined())
            return element(0x77, head + [UInt8](repeating: 0, count: 32_000))
        }
        var bytes: [UInt8] = []
        while bytes.count < maximumByteCount - 8 { bytes = element(0x30, bytes) }
        return element(0x77, bytes)
    }

    private static func segments() -> [UInt8] {
        let content = Array(repeatElement([UInt8(0x24), 0x80, 0x04, 0x01, 0xAA, 0, 0], count: 8_000).joined())
        return element(0x77, [0x30, 0x80] + content + [0, 0])
    }

    private static func attributes(_ state: TestPKI) throws -> HostileObject {
        let many = (0..<4000).flatMap { element(0x30, identifier(1, 3, UInt64(200 + $0)) + [0x31, 0]) }
        let signer = signerInfo(
            state.documentSigner.certificate, algorithm: element(0x30, identifier(1, 2, 840, 10045, 4, 3, 2)),
            signature: [UInt8](repeating: 1, count: 70), attributes: many)
        return HostileObject(
            name: "thousands of signed attributes",
            file: file(certificates: [state.documentSigner.certificate], signers: [signer]))
    }

    private static func hashes(_ state: TestPKI) throws -> HostileObject {
        let list = (0..<6000).flatMap { element(0x30, element(0x02, [UInt8($0 % 16 + 1)]) + [0x04, 0]) }
        let signer = signerInfo(
            state.documentSigner.certificate, algorithm: element(0x30, identifier(1, 2, 840, 10045, 4, 3, 2)),
            signature: [UInt8](repeating: 1, count: 70))
        return HostileObject(
            name: "thousands of hashes",
            file: file(certificates: [state.documentSigner.certificate], signers: [signer], hashes: list))
    }

    // MARK: DER

    /// What the true signer's certificate says, to be signed by whoever is at hand.
    private static func forgedSigner(_ state: TestPKI) throws -> CertificateTemplate {
        let name = CertificateName(country: "VN", organisation: "cccd simulator", commonName: "Test CSCA")
        let options = TestPKI.Options()
        return CertificateTemplate(
            serialNumber: [0x41], issuer: name,
            subject: CertificateName(country: "VN", organisation: "cccd simulator", commonName: "Nobody"),
            notBefore: .startOfDay(options.validFrom), notAfter: .endOfDay(options.documentSignerValidTo),
            subjectPublicKeyInfo: try state.documentSigner.key.subjectPublicKeyInfo,
            extensions: [.keyUsage([.digitalSignature])])
    }

    private static let pssParameters: [UInt8] = {
        let sha256 = element(0x30, identifier(2, 16, 840, 1, 101, 3, 4, 2, 1))
        return element(
            0x30,
            element(0xA0, sha256) + element(0xA1, element(0x30, identifier(1, 2, 840, 113549, 1, 1, 8) + sha256))
                + element(0xA2, element(0x02, [32])))
    }()

    private static func signerInfo(
        _ certificate: [UInt8], algorithm: [UInt8], signature: [UInt8], attributes: [UInt8]? = nil
    ) -> [UInt8] {
        let body = children(children(certificate).first ?? [])
        let identity = body.count > 3 ? element(0x30, body[3] + body[1]) : []
        let sha256 = element(0x30, identifier(2, 16, 840, 1, 101, 3, 4, 2, 1))
        return element(
            0x30,
            [0x02, 1, 1] + identity + sha256 + (attributes.map { element(0xA0, $0) } ?? []) + algorithm
                + element(0x04, signature))
    }

    private static func file(certificates: [[UInt8]], signers: [[UInt8]], hashes: [UInt8]? = nil) -> [UInt8] {
        let sha256 = element(0x30, identifier(2, 16, 840, 1, 101, 3, 4, 2, 1))
        let one = element(0x30, [0x02, 1, 1] + element(0x04, [UInt8](repeating: 0, count: 32)))
        let content = element(0x30, [0x02, 1, 0] + sha256 + element(0x30, hashes ?? one))
        let encapsulated = element(0x30, identifier(2, 23, 136, 1, 1, 1) + element(0xA0, element(0x04, content)))
        let signedData = element(
            0x30,
            [0x02, 1, 3] + element(0x31, sha256) + encapsulated + element(0xA0, Array(certificates.joined()))
                + element(0x31, Array(signers.joined())))
        return element(0x77, element(0x30, identifier(1, 2, 840, 113549, 1, 7, 2) + element(0xA0, signedData)))
    }

    private static func element(_ tag: UInt32, _ content: [UInt8]) -> [UInt8] {
        TLVEncoder.element(Tag(rawValue: tag), content)
    }

    private static func identifier(_ arcs: UInt64...) -> [UInt8] { ObjectIdentifier(arcs).encoded }

    private static func children(_ bytes: [UInt8]) -> [[UInt8]] {
        var outer = TLVCursor(bytes.span)
        guard let element = try? outer.next() else { return [] }
        var inside = outer.inside(element)
        var children: [[UInt8]] = []
        while let child = try? inside.next() { children.append(inside.copy(child.range)) }
        return children
    }
}
