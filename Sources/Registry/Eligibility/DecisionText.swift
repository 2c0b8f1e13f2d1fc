/// A value of a decision that is a person's own, or changes from one second to the next: what differs between decisions
/// that the rules make alike.
enum DecisionValue {
    case cardNumber, dataAge, dataAsOf, fiveYearsFrom, birthDate, fullName, personalNumber, sex, primaryFacility
    case validFrom, validTo
}

extension EligibilityDecision {
    /// Writes the decision as one JSON object, byte for byte as `JSONEncoder` does with sorted keys, in a fraction of its
    /// time.
    package func write(to json: inout JSONText) {
        json.object { json in
            json.member("areaCode", areaCode)
            json.member("benefitLevel", benefitLevel)
            json.member("benefitPercent", benefitPercent)
            json.marking(.cardNumber) { $0.member("cardNumber", cardNumber) }
            json.member("code", code)
            json.member("copyAge", copyAge)
            json.marking(.dataAge) { $0.member("dataAge", dataAge) }
            json.marking(.dataAsOf) { $0.member("dataAsOf", dataAsOf) }
            json.member("eligible", eligible)
            json.member("facilityShare", facilityShare)
            json.marking(.fiveYearsFrom) { $0.member("fiveYearsFrom", fiveYearsFrom) }
            json.member("fiveYearsReached", fiveYearsReached)
            json.member("gatewayCode", gatewayCode)
            json.member("group", group)
            json.member("isPrimaryFacility", isPrimaryFacility)
            json.member("payablePercent", payablePercent)
            if let person { person.write(to: &json) }
            if let primaryFacility {
                json.marking(.primaryFacility) { json in
                    json.object("primaryFacility") { primaryFacility.writeMembers(to: &$0) }
                }
            }
            json.list("reasons") { json in
                for reason in reasons {
                    // A code's sentences are always the same.
                    json.element(rememberedAs: reason.code) { json in
                        json.object { json in
                            json.member("code", reason.code)
                            json.member("message", reason.message)
                            json.member("messageVi", reason.messageVi)
                        }
                    }
                }
            }
            json.member("source", source)
            json.marking(.validFrom) { $0.member("validFrom", validFrom) }
            json.marking(.validTo) { $0.member("validTo", validTo) }
        }
    }
}

extension EligibilityDecision.Facility {
    func writeMembers(to json: inout JSONText) {
        json.member("code", code)
        json.member("name", name)
    }
}

extension EligibilityDecision.Person {
    fileprivate func write(to json: inout JSONText) {
        json.object("person") { json in
            json.marking(.birthDate) { $0.member("birthDate", birthDate) }
            json.marking(.fullName) { $0.member("fullName", fullName) }
            json.marking(.personalNumber) { $0.member("personalNumber", personalNumber) }
            json.marking(.sex) { $0.member("sex", sex) }
        }
    }
}
