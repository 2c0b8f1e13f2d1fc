import CardReader
import Document
import Registry
import Verifier

/// `POST /v1/check-in`: reads the card, judges it, and asks whether its holder is insured.
final class CheckIn: Sendable {
    private let services: DaemonServices
    private let turn: ReaderTurn
    private let judge: CardJudge
    private let facility: Configuration.Facility
    private let running: RunningState
    private let log: Log

    init(services: DaemonServices, configuration: Configuration, running: RunningState, log: Log) {
        self.services = services
        self.running = running
        self.log = log
        turn = ReaderTurn(services: services, configuration: configuration, running: running, log: log)
        judge = CardJudge(services: services, log: log)
        facility = configuration.facility
    }

    /// Finds the reader and leaves the rest to its thread; blocks only for as long as that takes.
    func handle(_ request: HTTPRequest, _ reply: HTTPReply) throws(Problem) {
        let open = try OpenCall(.checkIn, request, reply, running, log: log)
        do throws(Problem) {
            try begin(request, open)
        } catch {
            open.finish(with: error)
        }
    }

    private func begin(_ request: HTTPRequest, _ open: OpenCall) throws(Problem) {
        let order = try RequestBody.decode(CheckInRequest.self, from: request.body)
        open.expect(order.key)
        if order.portrait || order.portraitFollows { try open.visitor.require(AnswerField.portrait) }
        if let receipt = order.receipt {
            try open.visitor.require(.receipts)
            for field in receipt.attributes { try open.visitor.require(field) }
        }
        try turn.take(for: open, reader: order.reader, mayWait: order.mayWait) { [self] reader, events in
            answer(to: order, at: reader, open, events)
        }
    }

    private func answer(
        to order: CheckInRequest, at reader: String, _ open: OpenCall, _ events: CardCallEvents
    ) -> Result<CheckInAnswer, Problem> {
        let wantsPortrait = order.portrait || order.portraitFollows
        let request = ReadRequest(
            key: order.key, files: wantsPortrait ? .everything : .withoutPortrait,
            timeLimit: turn.timeLeft(for: open))
        if wantsPortrait { running.portraits.begin(open.id, at: reader, for: open.visitor.identity) }
        let observer = events.observer { [self] reading in
            let verdict = judge(reading, order)
            events.decided(verdict, portraitFollows: true)
            guard order.portraitFollows, !open.isAnswered else { return }
            open.finish(.success(answer(to: order, with: reading, verdict, at: reader, open)))
        }
        let reading: CardReading
        do throws(CardReaderError) {
            reading = try services.desk.read(request, at: reader, cancellation: open.cancellation, observer: observer)
        } catch {
            let problem = Problem(error, reader: reader)
            running.portraits.end(open.id, .failure(problem))
            return .failure(problem)
        }
        let verdict = judge(reading, order)
        events.decided(verdict, portraitFollows: false)
        if wantsPortrait { keepPortrait(reading.image, verdict, at: reader, open) }
        guard !open.isAnswered else { return .failure(.cancelled(at: reader)) }
        return .success(answer(to: order, with: reading, verdict, at: reader, open))
    }

    /// The answer with what the verdict stands on; notes for the audit log what it tells.
    private func answer(
        to order: CheckInRequest, with reading: CardReading, _ verdict: Verdict, at reader: String,
        _ open: OpenCall
    ) -> CheckInAnswer {
        let fields = open.visitor.rights.fields
        let insurance = fields.contains(.insurance) ? decide(about: verdict, order: order) : nil
        // DG1 has no diacritics and may cut a name short: no yardstick for others.
        if let holder = verdict.holder, reading.image[.dg13] != nil { keep(holder) }
        let receipt = receipt(about: verdict, order, open)
        let answer = CheckInAnswer(
            on: order.visit.registryDay.description, reader: reader,
            verdict: Judgement(verdict, texts: order.texts),
            holder: verdict.holder.map { DisclosedHolder(holder: $0, fields: fields) },
            insurance: try? insurance?.get(), insuranceProblem: insurance?.failure,
            receipt: try? receipt?.get(), receiptProblem: receipt?.failure, read: reading.facts,
            portrait: order.portrait ? ChipPortrait(reading.image) : nil)
        open.note(verdict, withheld: answer.holder?.withheld ?? []) { event in
            event.insurance = answer.insurance?.code ?? answer.insuranceProblem?.kind.rawValue
            event.portrait = answer.portrait == nil ? nil : true
            event.receipt = answer.receipt == nil ? nil : order.receipt?.attributes.map(\.rawValue)
        }
        return answer
    }

    private func judge(_ reading: CardReading, _ order: CheckInRequest) -> Verdict {
        judge.verdict(on: reading, openedBy: order.key, at: order.visit.day)
    }

    /// Keeps the portrait for whoever asks for it by itself.
    private func keepPortrait(_ image: CardImage, _ verdict: Verdict, at reader: String, _ open: OpenCall) {
        do throws(Problem) {
            let kept = try CheckInPortraits.Kept(image, verdict, subject: open.subject, reader: reader)
            running.portraits.end(open.id, .success(kept))
        } catch {
            running.portraits.end(open.id, .failure(error))
        }
    }

    /// Asks the insurance, but only about somebody who is proven to be the holder.
    private func decide(about verdict: Verdict, order: CheckInRequest) -> Result<EligibilityDecision, Problem> {
        guard let holder = verdict.holder, holder.isProven, let number = holder.personalNumber else {
            return .failure(
                Problem(
                    .identityNotProven, "The insurance is asked about holders only whom their card proves; see verdict."
                ))
        }
        var question = order.visit.question(.personalNumber(number), desk: facility)
        let issueDate = holder.issueDate.flatMap { CalendarDate(iso: $0) }.flatMap { Day($0) }
        question.shownCard = EligibilityQuestion.ShownCard(issuedOn: issueDate)
        if let fullName = holder.fullName, let birthDate = holder.birthDate {
            question.provenHolder = EligibilityQuestion.ProvenHolder(fullName: fullName, birthDate: birthDate)
        }
        do throws(Problem) {
            return .success(try services.decide(question))
        } catch {
            return .failure(error)
        }
    }

    /// The signed receipt that the caller wants; nil when he wants none.
    private func receipt(
        about verdict: Verdict, _ order: CheckInRequest, _ open: OpenCall
    ) -> Result<String, Problem>? {
        guard let wanted = order.receipt else { return nil }
        do throws(Problem) {
            let receipt = try Receipt(
                wanted, id: open.id, verdict: verdict, on: order.visit.registryDay.description,
                facility: facility.code, terminal: running.terminal)
            return .success(try receipt.signed(by: running.terminal))
        } catch {
            return .failure(error)
        }
    }

    /// Keeps what a verified chip said beside the registry's data, of which it is the yardstick.
    private func keep(_ holder: Holder) {
        guard let insurance = services.insurance, holder.isProven, let number = holder.personalNumber,
            let fullName = holder.fullName, let birthDate = holder.birthDate
        else { return }
        do throws(RegistryError) {
            try insurance.keep(
                ChipStatement(personalNumber: number, fullName: fullName, birthDate: birthDate, sex: holder.sex))
        } catch {
            log.debug("what the chip said could not be kept", .cause(error.description))
        }
    }
}

extension Result where Failure == Problem {
    fileprivate var failure: Problem? { if case .failure(let problem) = self { problem } else { nil } }
}
