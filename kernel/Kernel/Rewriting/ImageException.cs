namespace RedLeafSharp.Rewriting;

/// <summary>An assembly image cannot be loaded as a domain. The message is one line and names the file and the reason.</summary>
internal sealed class ImageException : Exception
{
    internal ImageException(string file, string reason, Exception? cause = null)
        : base($"{file}: {reason}", cause)
    {
    }
}
