namespace RedLeafSharp;

/// <summary>
/// What happens at the fault sites of an image while its trigger is armed. Called on the thread that runs the image's code, as its
/// domain; what it throws, the domain throws.
/// </summary>
internal abstract class FaultScript
{
    /// <summary>The code is about to execute the statement behind a site.</summary>
    internal abstract void OnHit(FaultTrigger trigger, int site);

    /// <summary>The code is about to execute a place that exists in two ways.</summary>
    /// <param name="mutant">The number of the other way.</param>
    /// <returns>Whether it is to be executed the other way.</returns>
    internal virtual bool IsMutated(int mutant) => false;
}
