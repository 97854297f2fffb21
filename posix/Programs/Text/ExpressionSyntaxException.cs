namespace RedLeafSharp.Posix.Programs;

/// <summary>A regular expression that is none, or that is not supported.</summary>
internal sealed class ExpressionSyntaxException(string message) : Exception(message);
