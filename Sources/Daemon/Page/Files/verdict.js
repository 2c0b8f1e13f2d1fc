// What an answer means for whoever stands at the desk: one level, one headline, one thing to do.

/** The checks whose failing tells what is wrong with a card, the gravest first. */
const CAUSES = [
  ["copied", ["chip.authentication", "chip.activeAuthentication"]],
  ["altered", ["dataGroups.hash", "sod.messageDigest", "sod.signature", "sod.structure", "dataGroups.index"]],
  ["foreign", ["signer.chain", "signer.usage", "signer.revocation", "signer.validity", "signer.strength", "chip.cardSecurity"]],
  ["downgraded", ["chip.downgrade"]],
  ["contradiction", ["holder.consistency"]],
];

/** Reasons of `signer.chain` for which nobody whom this terminal trusts is known to have issued the card. */
const UNKNOWN_SIGNER = ["unknownIssuer", "noTrustAnchors", "signerCertificateMissing"];

function causeOf(checks) {
  const failed = new Set(checks.filter((check) => check.result === "failed").map((check) => check.id));
  // A hash that does not fit makes the chip's key worthless as well: then the data is what is wrong.
  const order = failed.has("dataGroups.hash") ? [CAUSES[1], ...CAUSES] : CAUSES;
  return order.find(([, ids]) => ids.some((id) => failed.has(id)))?.[0] ?? "invalid";
}

/**
 * The level, `good`, `caution` or `bad`, and the name of the headline's text, `answer.NAME`.
 * @param {object} desk What the page holds: `answer`, `outcome` (with the portrait), `isPortraitAltered`.
 */
export function judge({ answer, outcome, isPortraitAltered }, mode) {
  const { verdict } = answer;
  if (isPortraitAltered) return { level: "bad", name: "altered" };
  if (outcome === "invalid") return { level: "bad", name: causeOf(verdict.checks) };
  if (verdict.validity.includes("reportedLost")) return { level: "bad", name: "lost" };
  if (outcome === "unverified") {
    const chain = verdict.checks.find((check) => check.id === "signer.chain");
    return { level: "caution", name: UNKNOWN_SIGNER.includes(chain?.reason) ? "unknownSigner" : "unverified" };
  }
  if (verdict.validity.includes("expired")) return { level: "caution", name: "expired" };
  if (verdict.validity.includes("expiryUnknown")) return { level: "caution", name: "expiryUnknown" };
  if (outcome === "authenticData") return { level: "caution", name: "chipNotProven" };
  if (mode === "clinic") return insurance(answer);
  return { level: "good", name: "genuine" };
}

function insurance({ insurance: decision, insuranceProblem: problem }) {
  if (problem !== undefined) {
    const isOff = problem.type === "urn:cccd:problem:registry-not-configured";
    return isOff ? { level: "good", name: "genuine" } : { level: "caution", name: "insuranceUnknown" };
  }
  // A role without the insurance is answered about the card alone.
  if (decision === undefined) return { level: "good", name: "genuine" };
  if (!decision.eligible) return { level: "caution", name: "notInsured" };
  if (decision.payablePercent === 0) return { level: "caution", name: "nothingPaid" };
  if (decision.reasons.some((reason) => reason.code === "dataOld")) return { level: "caution", name: "insuranceOld" };
  if (decision.payablePercent === undefined) return { level: "good", name: "insuredShareUnknown" };
  return { level: "good", name: "insured" };
}

const ORDER = ["failed", "notPerformed", "passed", "notApplicable"];

/** The checks as they are told: what failed first. */
export function ordered(checks) {
  return ORDER.flatMap((result) => checks.filter((check) => check.result === result));
}
