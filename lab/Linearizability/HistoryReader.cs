namespace RedLeafSharp.Lab.Linearizability;

/// <summary>Reads histories: the lab's own form, or Jepsen's. The first line that is neither empty nor a comment tells.</summary>
internal static class HistoryReader
{
    /// <param name="file">What messages name.</param>
    /// <param name="lines">Its text.</param>
    /// <exception cref="FormatException">The message names file, line and what was expected.</exception>
    internal static History Read(string file, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        string first = all.Select(text => text.Trim()).FirstOrDefault(text => text.Length > 0 && text[0] is not ('#' or ';')) ?? string.Empty;
        bool isJepsens = first.StartsWith('{') || first.Contains("jepsen", StringComparison.Ordinal);
        return isJepsens ? JepsenHistory.Read(file, all) : PlainHistory.Read(file, all);
    }
}
