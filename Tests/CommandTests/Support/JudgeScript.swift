/// A metric command for `TestModel.residual` and `Samples`.
enum JudgeScript {
  /// The accuracy of `scores` [N, 3]: arrays as text by `od`, whose headers take 128 bytes. Each run leaves a line in
  /// `LOG`. It fails where `FAIL` is set; from run number `TROUBLE_AT` on it does `TROUBLE` instead, where that is set.
  static let text = """
    echo run >> "$LOG"
    test -n "$FAIL" && { echo 'cannot judge' >&2; exit 4; }
    test -n "$TROUBLE" && test "$(wc -l < "$LOG")" -ge "$TROUBLE_AT" && { eval "$TROUBLE"; exit; }
    od -An -v -tf4 -w12 -j128 "$1/scores.npy" > "$1/scores"
    test -f "$1/labels.npy" || { awk '{ sum += $1 } END { print sum / NR }' "$1/scores"; exit; }
    od -An -v -td8 -w8 -j128 "$1/labels.npy" | paste "$1/scores" - | awk -v sign="${SIGN:-1}" '
      { best = 1; for (i = 2; i <= 3; i++) if ($i > $best) best = i; if (best - 1 == $4) right++ }
      END { print "judged", NR; print sign * right / NR }'

    """
}

extension Workspace {
  /// How often the script has run.
  func judgements() throws -> Int { try text(of: "log").split(separator: "\n").count }
}
