import Crypto
import Document

/// Judges a run of PACE with chip authentication mapping (Doc 9303-11, 4.4.3.5.2): whether the chip's mapping key is its
/// signed static key times the data that it sent.
struct ChipAuthenticationMappingProof {
    enum Judgement: Equatable {
        case proven
        /// No key of the signed DG14 is on the curve that was used; the chip's may be in EF.CardSecurity alone.
        case noKey
        case wrongAnswer
        case unsupported(String)
    }

    let transcript: PACEChipAuthenticationMappingTranscript

    /// - Parameter infos: What the signed DG14 holds.
    func judge(_ infos: SecurityInfos) -> Judgement {
        guard let curve = NamedCurve(standardizedDomainParameterID: transcript.parameterID) else {
            return .unsupported("the domain parameters \(transcript.parameterID)")
        }
        let keys = infos.chipAuthenticationPublicKeys.compactMap { info -> ECPoint? in
            guard info.keyAgreement == .ecdh,
                let key = try? PublicKey(subjectPublicKeyInfo: info.subjectPublicKeyInfo), key.kind == .ec(curve)
            else { return nil }
            return try? key.ecPoint()
        }
        guard !keys.isEmpty else { return .noKey }
        return keys.contains { isProven(by: $0, on: curve) } ? .proven : .wrongAnswer
    }

    private func isProven(by key: ECPoint, on curve: NamedCurve) -> Bool {
        let data = transcript.chipAuthenticationData
        // CA_IC is as long as the order (Doc 9303-11, 4.4.5.6).
        guard let group = try? ECGroup(curve), data.count == group.orderByteCount,
            let product = try? group.multiply(key, by: SecretBytes(data))
        else { return false }
        return ConstantTime.areEqual(product.encoded, transcript.chipMappingPublicKey)
    }
}
