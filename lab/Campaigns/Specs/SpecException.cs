namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// An experiment's file cannot be used. The message is one line: file, line, column, field, and what was expected there.
/// </summary>
internal sealed class SpecException(string message) : Exception(message)
{
    /// <summary>An error at a place of a file.</summary>
    internal static SpecException At(string file, long line, long column, string message) => new($"{file}:{line}:{column}: {message}");
}
