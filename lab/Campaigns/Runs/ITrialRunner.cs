namespace RedLeafSharp.Lab.Campaigns;

/// <summary>Runs trials, one at a time.</summary>
internal interface ITrialRunner : IDisposable
{
    /// <summary>Runs a trial, whatever it does.</summary>
    /// <returns>Its line of the log: a function of experiment, seed, build and the number of the trial.</returns>
    /// <exception cref="HarnessException">The trial cannot be run on this machine at present.</exception>
    string Run(long trial);
}

/// <summary>What runs trials failed, so nothing is known of the trials. The message is one line.</summary>
internal sealed class HarnessException(string message) : Exception(message);
