import FoundationEssentials
import Portrait

/// `GET /v1/check-ins/{id}/portrait`: the portrait of a check-in as a picture that browsers show.
struct PortraitAnswer: Sendable {
    /// Decodes EF.DG2 away from this process.
    typealias Decode = @Sendable ([UInt8]) throws(PortraitError) -> DecodedPortrait

    let running: RunningState
    let decode: Decode

    /// Answers once the portrait was read and decoded; does not block.
    func handle(_ request: HTTPRequest, _ reply: HTTPReply) throws(Problem) {
        guard let visitor = request.visitor, let id = request.parameters["id"] else {
            throw Problem(.internalError, "The caller is not known.")
        }
        try visitor.require(AnswerField.portrait)
        let isKnown = running.portraits.ask(id, by: visitor.identity) { kept in
            let isAccepted = running.decoders.submit {
                guard !request.cancellation.isCancelled else { return }
                answer(kept, id, visitor, request, reply)
            }
            if !isAccepted { reply.send(.tooManyPortraits) }
        }
        guard isKnown else {
            throw Problem(
                .notFound, "There is no portrait of this check-in: none was read, it is forgotten, or it is another's.")
        }
    }

    /// Blocks while the portrait is decoded and the record of it written.
    private func answer(
        _ kept: Result<CheckInPortraits.Kept, Problem>, _ id: String, _ visitor: Visitor, _ request: HTTPRequest,
        _ reply: HTTPReply
    ) {
        var event = AuditEvent(.portrait, by: visitor, request.caller)
        event.id = id
        let start = ContinuousClock.now
        let response: HTTPResponse
        do throws(Problem) {
            let kept = try kept.get()
            (event.reader, event.subject, event.outcome) = (kept.reader, kept.subject, kept.outcome.rawValue)
            let portrait = try picture(kept.file)
            event.portrait = true
            response = HTTPResponse(portrait, kept.outcome.rawValue)
        } catch {
            event.problem = error.kind.rawValue
            event.reader = error.reader ?? event.reader
            response = error.response
        }
        event.duration = (ContinuousClock.now - start).milliseconds
        do throws(AuditError) {
            try running.audit?.record(event)
        } catch {
            reply.send(Problem(error))
            return
        }
        reply.send(response)
    }

    private func picture(_ file: SensitiveBytes) throws(Problem) -> DecodedPortrait {
        do throws(PortraitError) {
            return try decode(file.withData { [UInt8]($0) })
        } catch {
            throw Problem(error)
        }
    }
}

extension HTTPResponse {
    fileprivate init(_ portrait: DecodedPortrait, _ outcome: String) {
        let body = SensitiveBytes(portrait.bytes)
        self.init(
            status: 200,
            headers: HTTPHeaders([("content-type", portrait.kind.mediaType), ("verdict-outcome", outcome)]), body: body)
    }
}

extension Problem {
    fileprivate static var tooManyPortraits: Problem {
        var problem = Problem(.overloaded, "More portraits wait than can be decoded; ask again in a moment.")
        problem.retryAfter = 1
        return problem
    }

    /// Why a portrait cannot be shown; the text is the error's own, which speaks of formats and limits alone.
    fileprivate init(_ error: PortraitError) {
        switch error {
        case .notStarted: self.init(.internalError, error.description)
        default: self.init(.portraitUnusable, error.description)
        }
    }
}
