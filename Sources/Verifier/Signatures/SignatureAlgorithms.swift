import Crypto
import Document

/// The object identifiers of hash and signature algorithms (RFC 3279, 4055, 5754, 5758; Doc 9303-12, 4.1.6).
enum SignatureAlgorithms {
    /// The hash function that `identifier` names, or nil.
    static func digest(_ identifier: AlgorithmIdentifier) -> DigestAlgorithm? {
        identifier.hasNoParameters ? digests[identifier.algorithm] : nil
    }

    /// The scheme that `identifier` names, or nil. Some States name only the kind of key: the hash is then `digest`.
    static func scheme(_ identifier: AlgorithmIdentifier, digest: DigestAlgorithm?) -> SignatureScheme? {
        if identifier.algorithm == rsassaPSS { return pss(identifier.parameters) }
        if identifier.algorithm == rsaEncryption {
            return identifier.hasNoParameters ? digest.map(SignatureScheme.rsaPKCS1) : nil
        }
        if identifier.algorithm == ecPublicKey { return digest.map(SignatureScheme.ecdsa) }
        return identifier.hasNoParameters ? schemes[identifier.algorithm] : nil
    }

    private static let digests: [ObjectIdentifier: DigestAlgorithm] = [
        ObjectIdentifier([1, 3, 14, 3, 2, 26]): .sha1,
        ObjectIdentifier([2, 16, 840, 1, 101, 3, 4, 2, 4]): .sha224,
        ObjectIdentifier([2, 16, 840, 1, 101, 3, 4, 2, 1]): .sha256,
        ObjectIdentifier([2, 16, 840, 1, 101, 3, 4, 2, 2]): .sha384,
        ObjectIdentifier([2, 16, 840, 1, 101, 3, 4, 2, 3]): .sha512,
    ]

    private static let schemes: [ObjectIdentifier: SignatureScheme] = [
        ObjectIdentifier([1, 2, 840, 113549, 1, 1, 5]): .rsaPKCS1(.sha1),
        ObjectIdentifier([1, 2, 840, 113549, 1, 1, 14]): .rsaPKCS1(.sha224),
        ObjectIdentifier([1, 2, 840, 113549, 1, 1, 11]): .rsaPKCS1(.sha256),
        ObjectIdentifier([1, 2, 840, 113549, 1, 1, 12]): .rsaPKCS1(.sha384),
        ObjectIdentifier([1, 2, 840, 113549, 1, 1, 13]): .rsaPKCS1(.sha512),
        ObjectIdentifier([1, 2, 840, 10045, 4, 1]): .ecdsa(.sha1),
        ObjectIdentifier([1, 2, 840, 10045, 4, 3, 1]): .ecdsa(.sha224),
        ObjectIdentifier([1, 2, 840, 10045, 4, 3, 2]): .ecdsa(.sha256),
        ObjectIdentifier([1, 2, 840, 10045, 4, 3, 3]): .ecdsa(.sha384),
        ObjectIdentifier([1, 2, 840, 10045, 4, 3, 4]): .ecdsa(.sha512),
    ]

    private static let rsaEncryption = ObjectIdentifier([1, 2, 840, 113549, 1, 1, 1])
    private static let rsassaPSS = ObjectIdentifier([1, 2, 840, 113549, 1, 1, 10])
    private static let mgf1 = ObjectIdentifier([1, 2, 840, 113549, 1, 1, 8])
    static let ecPublicKey = ObjectIdentifier([1, 2, 840, 10045, 2, 1])

    /// RSASSA-PSS-params (RFC 4055, 3.1); what is absent has the default of the standard.
    private static func pss(_ parameters: [UInt8]?) -> SignatureScheme? {
        guard let parameters else { return nil }
        return try? pssParameters(parameters)
    }

    private static func pssParameters(_ der: [UInt8]) throws(DocumentError) -> SignatureScheme? {
        var cursor = TLVCursor(der.span)
        var fields = cursor.inside(try cursor.next(.sequence))
        try cursor.expectEnd()
        var hash: DigestAlgorithm? = .sha1
        var mask: DigestAlgorithm? = .sha1
        var saltLength = 20
        if let element = try fields.nextIfPresent(0xA0) {
            var inside = fields.inside(element)
            hash = digest(try AlgorithmIdentifier(from: &inside))
            try inside.expectEnd()
        }
        if let element = try fields.nextIfPresent(0xA1) {
            var inside = fields.inside(element)
            mask = try maskHash(try AlgorithmIdentifier(from: &inside))
            try inside.expectEnd()
        }
        if let element = try fields.nextIfPresent(0xA2) {
            var inside = fields.inside(element)
            saltLength = try inside.nextSmallInteger("saltLength")
            try inside.expectEnd()
        }
        if let element = try fields.nextIfPresent(0xA3) {
            var inside = fields.inside(element)
            guard try inside.nextSmallInteger("trailerField") == 1 else { return nil }
            try inside.expectEnd()
        }
        try fields.expectEnd()
        guard let hash, let mask else { return nil }
        return .rsaPSS(digest: hash, mgf1: mask, saltLength: saltLength)
    }

    private static func maskHash(_ identifier: AlgorithmIdentifier) throws(DocumentError) -> DigestAlgorithm? {
        guard identifier.algorithm == mgf1, let parameters = identifier.parameters else { return nil }
        var cursor = TLVCursor(parameters.span)
        let hash = try AlgorithmIdentifier(from: &cursor)
        try cursor.expectEnd()
        return digest(hash)
    }
}
