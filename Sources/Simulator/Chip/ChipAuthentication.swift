import Crypto

extension ChipAuthenticationKey {
    /// The chip's side of chip authentication (Doc 9303-11, 6.2.1): the session that the terminal's ephemeral key and
    /// this static one open.
    ///
    /// - Throws: `wrongData` when the terminal's key is no point of the curve.
    func channel(terminalKey: [UInt8]) throws(ChipRefusal) -> SecureChannel {
        let group = try refusing { () throws(CryptoError) in try ECGroup(curve) }
        let point: ECPoint
        do throws(CryptoError) {
            point = try group.point(terminalKey)
        } catch {
            throw ChipRefusal(status: .wrongData)
        }
        return try refusing { () throws(CryptoError) in
            let shared = try group.multiply(point, by: privateKey.ecScalar(on: curve)).x
            return SecureChannel(keys: try SessionKeys(secret: shared, cipher: cipher))
        }
    }
}
