namespace RedLeafSharp;

/// <summary>
/// What a planted fault site throws. To the domain it is an exception like any other: its handlers see it, its finally
/// blocks run, and if nobody catches it the proxy makes a fault of it.
/// </summary>
public sealed class InjectedFaultException : Exception
{
    internal InjectedFaultException(int site)
        : base($"injected fault at site {site}") => Site = site;

    /// <summary>The id of the site, an index into the sites of the rewritten image.</summary>
    public int Site { get; }
}
