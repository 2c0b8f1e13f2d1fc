# Shows the answer of POST /v1/check-in, or the problem that stands in its place, to a person.

def sign: {passed: "✓", failed: "✗", notPerformed: "?", notApplicable: "–"}[.] // " ";
def rank: {failed: 0, notPerformed: 1, passed: 2, notApplicable: 3}[.] // 4;
def meaning:
    {
        genuine: "GENUINE — data and chip are proven",
        authenticData: "AUTHENTIC DATA — the data is proven; whether the chip is the original is not",
        invalid: "INVALID — a check failed",
        unverified: "NOT VERIFIED — something needed to prove it is missing",
    }[.] // .;
def spaces($width): . + " " * ([$width - length, 0] | max);
def row($name): "  \($name | spaces(11))\(.)";
# What a check has to add, on one line.
def detail: if . == null then "" elif type == "string" then ": \(.)" else ": \(tojson)" end;

. as $answer | if .verdict == null then
    "\(.title) (\(.type)): \(.detail)" | row("Problem")
else
    (.verdict.outcome | meaning | row("Verdict")),
    (if .verdict.validity != [] then .verdict.validity | join(", ") | row("But") else empty end),
    (.holder // empty
        | "\(.fullName), born \(.birthDate), \(.personalNumber)\(if .isProven then "" else " — says the card; NOT PROVEN" end)"
        | row("Holder")),
    (.holder // empty | "\(.residence)\(if .expiryDate then "; card good until \(.expiryDate)" else "" end)" | row("")),
    (.insurance // empty
        | (if .eligible then "YES" else "NO" end) + " (\(.code)) — "
            + ([.reasons[].message] | join(" ")) | row("Insured")),
    (.insurance // empty | select(.cardNumber)
        | "card \(.cardNumber), \(.validFrom) to \(.validTo // "open"), level \(.benefitLevel), "
            + "pays \(.payablePercent // .benefitPercent // "?") % here; registered at \(.primaryFacility.name // .primaryFacility.code // "none")"
        | row("")),
    (.insuranceProblem // empty | .detail | row("Insured")),
    (.verdict.signer // empty | .subject | row("Signer")),
    (.read | "\(.access), \(.commands) commands, \(.bytes) bytes, \(.seconds * 100 | round / 100) s, in \($answer.reader)" | row("Read by")),
    "  Checks",
    (.verdict.checks | sort_by(.result | rank)[]
        | "    \(.result | sign) \(.id | spaces(27))\(.result)"
            + (if .reason == "ok" then "" else " — \(.reason)\(.detail | detail)" end))
end
