/// Plans that were beyond the budget on the samples that choose. Somebody may want one all the same.
final class PlanLog {
  var refused: [PlanState] = []
}
