import Crypto

/// Doc 9303-12, 4.1.6: keys and hashes of the signature, the hash list and both certificates are above the floor.
struct SignerStrength: Check {
    static let id = CheckIdentifier.signerStrength

    static func evaluate(_ examination: Examination) -> Finding {
        guard let signer = examination.principalSigner, let key = signer.key, let scheme = signer.scheme else {
            return .notPerformed(.prerequisiteFailed)
        }
        var weak: [String] = []
        func require(_ isStrong: Bool, _ name: String) {
            if !isStrong { weak.append(name) }
        }
        let policy = examination.policy
        require(policy.isStrong(key.kind), "signer's key: \(key.kind.name)")
        require(policy.isStrong(scheme.digest), "signature: \(scheme.digest.name)")
        if signer.info.signedAttributes != nil,
            let digest = SignatureAlgorithms.digest(signer.info.digestAlgorithm), digest != scheme.digest
        {
            require(policy.isStrong(digest), "message digest: \(digest.name)")
        }
        if let list = examination.lds.flatMap({ SignatureAlgorithms.digest($0.hashAlgorithm) }) {
            require(policy.isStrong(list), "data group hashes: \(list.name)")
        }
        // OpenSSL verifies certificates with hashes that we do not even name, such as MD5.
        let certificateDigest = signer.certificate?.signatureDigest
        require(
            certificateDigest.map(policy.isStrong) ?? false,
            "signer's certificate: \(certificateDigest?.name ?? "unknown hash")")
        if let anchor = signer.chain.anchor {
            require(policy.isStrong(anchor.key.kind), "CSCA's key: \(anchor.key.kind.name)")
        }
        return weak.isEmpty ? .passed : .failed(.weakAlgorithm, .list(weak))
    }
}
