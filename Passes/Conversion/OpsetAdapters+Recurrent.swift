import GraphIR

extension OpsetAdapters {
  static let recurrent: [Adapter] = [
    Adapter(["GRU"], 3) { upgrade, _ in
      // The default was misspelt.
      if upgrade.given("direction") == nil { upgrade.set("direction", to: "forward") }
    },
    Adapter(["GRU", "LSTM", "RNN"], 7) { upgrade, _ in
      // Outputs are computed where something reads them.
      upgrade.remove("output_sequence")
    },
    Adapter(["Scan"], 9) { _, _ in throw UpgradeRefusal("its first axis was the batch, which it has no more")
    },
  ]
}
