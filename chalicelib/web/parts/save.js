// Saving settings of the integration, so that nobody overwrites what they have not seen.

import { useAction } from "../data/load.js";
import { usePage } from "./page.js";

/** An action that sends changed settings, then calls `done`.
 *
 * Its error has kind "stale" when somebody else was faster; by then the page shows what they saved, so that
 * saving once more is a decision.
 */
export function useSave(done) {
  const { t, api, integration, took, refresh, say } = usePage();
  return useAction(async (changes) => {
    try {
      took(await api.patch("", changes, integration.version));
    } catch (error) {
      if (error.kind === "stale") await refresh();
      throw error;
    }
    say(t("saved"));
    done();
  });
}
