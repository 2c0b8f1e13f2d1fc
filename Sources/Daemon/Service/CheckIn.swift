import CardReader
import Dispatch
import Document
import FoundationEssentials
import Registry
import Verifier

/// `POST /v1/check-in`: reads the card, judges it, and asks whether its holder is insured.
final class CheckIn: Sendable {
    private let services: DaemonServices
    private let choice: ReaderChoice
    private let facility: Configuration.Facility
    private let timeLimit: Duration
    private let running: RunningState
    private let log: Log

    init(services: DaemonServices, configuration: Configuration, running: RunningState, log: Log) {
        self.services = services
        self.running = running
        self.log = log
        choice = ReaderChoice(patterns: configuration.readers.names)
        facility = configuration.facility
        timeLimit = .seconds(configuration.checkIn.timeLimit)
    }

    /// Finds the reader and leaves the rest to its thread; blocks only for as long as that takes.
    func handle(_ request: HTTPRequest, _ reply: HTTPReply) throws(Problem) {
        guard let visitor = request.visitor else { throw Problem(.internalError, "The caller is not known.") }
        let open = OpenCheckIn(request, from: visitor, reply, running, log: log)
        do throws(Problem) {
            try begin(request, open)
        } catch {
            open.finish(.failure(error))
        }
    }

    private func begin(_ request: HTTPRequest, _ open: OpenCheckIn) throws(Problem) {
        let order = try RequestBody.decode(CheckInRequest.self, from: request.body)
        open.expect(order.key)
        if order.portrait || order.portraitFollows { try open.visitor.require(AnswerField.portrait) }
        if let receipt = order.receipt {
            try open.visitor.require(.receipts)
            for field in receipt.attributes { try open.visitor.require(field) }
        }
        let used: [DeskReader]
        do throws(CardReaderError) {
            used = choice.used(of: try services.desk.readers())
        } catch {
            throw Problem(error)
        }
        let reader = try choice.reader(named: order.reader, of: used)
        open.note(reader: reader)
        endAfterTimeLimit(open, reader: reader)
        let events = CheckInEvents(feed: running.feed, id: open.id, reader: reader)
        let job = ReaderLanes.Job(
            cancellation: open.cancellation, moved: { events.isQueued(at: $0) },
            cancelled: { [running] in running.clock.async { open.finish(.failure(.cancelled(at: reader))) } },
            run: { [self] in
                events.hasStarted()
                running.metrics.observe(.waitDuration, ContinuousClock.now - open.start)
                open.finish(answer(to: order, at: reader, open, events))
            })
        guard running.lanes.submit(to: reader, mayWait: order.mayWait, job) else {
            var problem = Problem(
                .readerBusy,
                order.mayWait
                    ? "The reader has as many check-ins to do as may wait; ask again in a moment."
                    : "The reader is being used; ask again in a moment, or wait for it.")
            problem.reader = reader
            problem.retryAfter = 5
            throw problem
        }
    }

    private func endAfterTimeLimit(_ open: OpenCheckIn, reader: String) {
        let seconds = Int(timeLimit.components.seconds)
        running.clock.asyncAfter(deadline: .now() + .seconds(seconds)) { [weak open, log] in
            guard let open, !open.isAnswered else { return }
            var problem = Problem(.timeLimit, "The check-in was not done in \(seconds) seconds: lay the card on again.")
            problem.reader = reader
            guard open.finish(.failure(problem)) else { return }
            open.cancellation.cancel()
            log.warning("check-in took too long", .reader(reader), .count("limit_s", seconds))
        }
    }

    private func answer(
        to order: CheckInRequest, at reader: String, _ open: OpenCheckIn, _ events: CheckInEvents
    ) -> Result<CheckInAnswer, Problem> {
        guard !open.cancellation.isCancelled else { return .failure(.cancelled(at: reader)) }
        let wantsPortrait = order.portrait || order.portraitFollows
        let request = ReadRequest(
            key: order.key, files: wantsPortrait ? .everything : .withoutPortrait,
            timeLimit: max(.zero, timeLimit - (ContinuousClock.now - open.start)))
        if wantsPortrait { running.portraits.begin(open.id, at: reader, for: open.visitor.identity) }
        let observer = ReadObserver(
            progressed: { events.progressed($0) }, waits: { events.waits($0, followsWrongKey: $1) },
            isInterrupted: { events.isInterrupted(by: $0, bytes: $1) },
            beforePortrait: { [self] reading in
                let verdict = judge(reading, order)
                events.decided(verdict, portraitFollows: true)
                guard order.portraitFollows, !open.isAnswered else { return }
                open.finish(.success(answer(to: order, with: reading, verdict, at: reader, open)))
            })
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
        _ open: OpenCheckIn
    ) -> CheckInAnswer {
        let fields = open.visitor.rights.fields
        let insurance = fields.contains(.insurance) ? decide(about: verdict, order: order) : nil
        // DG1 has no diacritics and may cut a name short: no yardstick for others.
        if let holder = verdict.holder, reading.image[.dg13] != nil { keep(holder) }
        let receipt = receipt(about: verdict, order, open)
        let answer = CheckInAnswer(
            on: order.visit.registryDay.description, reader: reader,
            verdict: CheckInAnswer.Judgement(verdict, texts: order.texts),
            holder: verdict.holder.map { DisclosedHolder(holder: $0, fields: fields) },
            insurance: try? insurance?.get(), insuranceProblem: insurance?.failure,
            receipt: try? receipt?.get(), receiptProblem: receipt?.failure, read: reading.facts,
            portrait: order.portrait ? CheckInAnswer.Portrait(reading.image) : nil)
        open.note(
            verdict, insurance: answer.insurance?.code ?? answer.insuranceProblem?.kind.rawValue,
            withheld: answer.holder?.withheld ?? [], portrait: answer.portrait != nil,
            receipt: answer.receipt == nil ? nil : order.receipt?.attributes)
        return answer
    }

    private func judge(_ reading: CardReading, _ order: CheckInRequest) -> Verdict {
        services.judge.verify(evidence(of: reading.image, digests: reading.digests, reading.proofs, order: order))
    }

    /// Keeps the portrait for whoever asks for it by itself.
    private func keepPortrait(_ image: CardImage, _ verdict: Verdict, at reader: String, _ open: OpenCheckIn) {
        do throws(Problem) {
            let kept = try CheckInPortraits.Kept(image, verdict, subject: open.subject, reader: reader)
            running.portraits.end(open.id, .success(kept))
        } catch {
            running.portraits.end(open.id, .failure(error))
        }
    }

    private func evidence(
        of image: CardImage, digests: FileDigests = [:], _ proofs: ChipProofs, order: CheckInRequest
    ) -> Evidence {
        var evidence = Evidence(
            image: image, digests: digests, proofs: proofs, lossReport: lossReport(about: image))
        switch order.key {
        case .personalNumber(let number): evidence.personalNumber = number
        case .qr(let text): evidence.qrText = text
        case .can, .mrz: break
        }
        // Noon in UTC is the same day everywhere in Vietnam.
        if let day = order.visit.day, let noon = try? Date("\(day)T12:00:00Z", strategy: .iso8601) {
            evidence.date = noon
        }
        return evidence
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
        about verdict: Verdict, _ order: CheckInRequest, _ open: OpenCheckIn
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
