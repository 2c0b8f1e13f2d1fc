import CardReader
import Document
import FoundationEssentials
import Registry
import Verifier

/// Judges cards for the calls, with what the registry knows of their loss.
struct CardJudge: Sendable {
    let services: DaemonServices
    let log: Log

    /// Judges a card that was read.
    /// - Parameters:
    ///   - key: What opened the chip: what is printed on the card must agree with what is in it.
    ///   - day: The day as of which validity is judged; nil for now.
    func verdict(on reading: CardReading, openedBy key: AccessKey, at day: CalendarDate?) -> Verdict {
        var evidence = Evidence(
            image: reading.image, digests: reading.digests, proofs: reading.proofs,
            lossReport: lossReport(about: reading.image))
        switch key {
        case .personalNumber(let number): evidence.personalNumber = number
        case .qr(let text): evidence.qrText = text
        case .can, .mrz: break
        }
        if let noon = day?.noonUTC { evidence.date = noon }
        return services.judge.verify(evidence)
    }

    /// Judges a card image that somebody sent: its chip is not there to prove anything.
    ///
    /// The registry is asked about the loss of a card alone that the image proves. Otherwise whoever may send images could
    /// make one up for any number, and so find out whose cards were reported lost.
    func verdict(onStored image: CardImage, qrText: QRText?, at day: CalendarDate?) -> Verdict {
        var evidence = Evidence(image: image, qrText: qrText)
        if let noon = day?.noonUTC { evidence.date = noon }
        let verdict = services.judge.verify(evidence)
        guard verdict.holder?.isProven == true else { return verdict }
        evidence.lossReport = lossReport(about: image)
        return evidence.lossReport == .notAsked ? verdict : services.judge.verify(evidence)
    }

    /// What the registry knows of the loss of a card. The number is not proven yet; a card that lies about it is found
    /// out by other checks.
    private func lossReport(about image: CardImage) -> Evidence.LossReport {
        guard let insurance = services.insurance else { return .notAsked }
        let data = image[.dg13].flatMap { try? DataGroup13($0.span) }
        let zone = image[.dg1].flatMap { try? DataGroup1($0.span).mrz }
        guard let number = data?.personalNumber ?? zone?.personalNumber else { return .notAsked }
        do throws(RegistryError) {
            let issueDate = data?.issueDate.flatMap { Day($0) }
            return try insurance.isLost(identityCardOf: number.text, issuedOn: issueDate) ? .reported : .none
        } catch {
            log.warning("lost cards could not be looked up", .cause(error.description))
            return .notAsked
        }
    }
}

extension CalendarDate {
    /// Noon in UTC, which is the same day everywhere in Vietnam.
    fileprivate var noonUTC: Date? { try? Date("\(self)T12:00:00Z", strategy: .iso8601) }
}
