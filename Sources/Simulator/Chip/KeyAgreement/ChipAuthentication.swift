import Crypto

/// What chip authentication leaves: the session under new keys, and Comp() of the terminal's key, which terminal
/// authentication refers to.
struct ChipAuthenticationResult: Sendable {
    let channel: SecureChannel
    let terminalIdentifier: [UInt8]
}

extension ChipAuthenticationKey {
    /// The chip's side of chip authentication (Doc 9303-11, 6.2.1): the session that the terminal's ephemeral key and
    /// this static one open.
    ///
    /// - Throws: `wrongData` when the terminal's key is no element of the group.
    func agree(terminalKey: [UInt8]) throws(ChipRefusal) -> ChipAuthenticationResult {
        try refusing { () throws(CryptoError) in
            let group = try self.group
            let theirs = try group.accepted(terminalKey)
            let shared = try group.agree(theirs, try secret)
            return ChipAuthenticationResult(
                channel: SecureChannel(keys: try SessionKeys(secret: shared, cipher: cipher)),
                terminalIdentifier: try group.compressed(theirs))
        }
    }
}
