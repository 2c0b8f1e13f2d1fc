import Crypto
import Document

/// What is wrong with the protection of an answer of secure messaging (Doc 9303-11, 9.8), the rest of it being right.
public enum ProtectionFlaw: String, CaseIterable, Sendable {
    /// DO'8E' of other bytes.
    case wrongMAC = "wrong-mac"
    /// DO'8E' over the data of another answer.
    case macOverOtherData = "mac-over-other-data"
    /// No DO'8E'.
    case macMissing = "mac-missing"
    /// DO'99', rightly authenticated, tells another status word than the one behind the answer.
    case statusDiffers = "status-differs"
    /// No DO'99'.
    case statusMissing = "status-missing"
    /// The send sequence counter is one too high.
    case counterSkipped = "skipped-counter"
    /// The send sequence counter is that of the command.
    case counterRepeated = "repeated-counter"
    /// DO'87' begins with 02.
    case paddingIndicator = "wrong-padding-indicator"
    /// The data does not end in padding.
    case padding = "wrong-padding"
    /// DO'99' stands before DO'87', rightly authenticated.
    case reordered
    /// The data and the status word, in the clear.
    case unprotected
    /// DO'87' has a length of 127 bytes of FF.
    case endlessLength = "endless-length"
}

/// In what a chip misbehaves in one command.
struct ChipMisbehaviour: Sendable {
    /// The flaw in the protection of the answer.
    var flaw: ProtectionFlaw?
    /// What is sent in PACE instead of a public key.
    var badKey: BadPublicKey?
    /// Whether the chip, once chip authentication was accepted, answers under keys that it has not got.
    var stopsProving = false
    /// Whether active authentication answers what it answered to another challenge.
    var replaysSignature = false
    /// Whether an error ends secure messaging.
    var losesMessaging = false
    /// Whether the answer's data is left out.
    var emptiesAnswer = false
    /// Whether any of it came to pass.
    var cameToPass = false
}

extension SecureChannel {
    /// The protected form of an answer, with a flaw in it.
    mutating func close(
        _ response: ChipResponse, instruction: UInt8, flaw: ProtectionFlaw
    ) throws(CryptoError) -> ChipResponse {
        if flaw != .counterRepeated { increment() }
        if flaw == .counterSkipped { increment() }
        if flaw == .unprotected { return response }
        if flaw == .endlessLength {
            return ChipResponse(
                data: [0x87, 0xFF] + [UInt8](repeating: 0xFF, count: 127), status: response.status)
        }
        var data = response.data
        // Only an answer that carries data can have the flaws of data.
        if data.isEmpty, [.paddingIndicator, .padding, .reordered].contains(flaw) { data = [0x00] }
        let isOdd = instruction & 1 != 0
        var dataObject: [UInt8] = []
        if !data.isEmpty {
            let cryptogram = try encrypted(data, padded: flaw != .padding)
            let indicator: [UInt8] = isOdd ? [] : [flaw == .paddingIndicator ? 0x02 : 0x01]
            dataObject = TLVEncoder.element(isOdd ? 0x85 : 0x87, indicator + cryptogram)
        }
        let told: StatusWord =
            flaw != .statusDiffers ? response.status : response.status == .success ? .endOfFile : .success
        let statusObject = flaw == .statusMissing ? [] : TLVEncoder.element(0x99, told.bytes)
        let objects = flaw == .reordered ? statusObject + dataObject : dataObject + statusObject
        var code = try authenticationCode(over: flaw == .macOverOtherData ? objects + [0x99, 0x00] : objects)
        if flaw == .wrongMAC, let last = code.indices.last { code[last] ^= 0x01 }
        let codeObject = flaw == .macMissing ? [] : TLVEncoder.element(0x8E, code)
        return ChipResponse(data: objects + codeObject, status: response.status)
    }
}
