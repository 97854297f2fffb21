using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Loading;

namespace RedLeafSharp.Kernel.Supervision;

/// <content>Domains that are put into a running system, are taken out of it, or make way for a newer binary.</content>
internal sealed partial class Supervisor
{
    /// <summary>
    /// Puts a newer binary in the place of a running domain: a generation of it is made ready, the present one is killed, and
    /// the shadow, at its next call, brings up the new one and hands it what was in flight. If it does not start, the old
    /// binary takes over again.
    /// </summary>
    /// <exception cref="BootException">Nobody shadows the domain, or the new image cannot take its place; nothing has changed then.</exception>
    internal void Reload(Domain domain, DomainImage image)
    {
        if (!domain.HasShadow)
        {
            throw new BootException($"{domain.Name} has no shadow that would keep its calls: it cannot be reloaded while the system runs");
        }

        if (domain.HasGivenUp || !domain.IsLoaded || domain.Current is null)
        {
            throw new BootException($"{domain.Name} is not there: there is nothing to reload");
        }

        image.ThrowUnlessReplaces(domain.Image!);
        lock (domain.ReloadLock)
        {
            factory.ChangeImage(domain, image);
            domain.MarkReload();

            // A death of its own may put another generation of the old binary in its place meanwhile.
            while (domain.Current is { } present && present.Image != image && present.DiedMicros == 0)
            {
                Kill(present, "a newer binary takes its place");
            }
        }
    }

    /// <summary>
    /// Puts a domain into a system that runs without it: a generation is made ready, and the shadow, which is woken, brings it up.
    /// </summary>
    /// <exception cref="BootException">It is there, its shadow needs it always, or the image is no such domain; nothing has changed then.</exception>
    internal void Load(Domain domain, DomainImage image)
    {
        lock (domain.ReloadLock)
        {
            if (domain.IsLoaded && !domain.HasGivenUp)
            {
                throw new BootException($"{domain.Name} is loaded already: 'reload' puts a newer binary in its place");
            }

            RefuseUnlessDispensable(domain);
            if (domain.Image is { } before)
            {
                image.ThrowUnlessReplaces(before);
            }

            factory.ChangeImage(domain, image);
            domain.MarkLoaded();
            domain.LoadSignal?.SignalAll();
        }
    }

    /// <summary>
    /// Takes a domain out of a running system: its generation is killed, and the shadow, which is woken, gives back what is in
    /// flight and does without until another is loaded.
    /// </summary>
    /// <exception cref="BootException">It is not there, or its shadow needs it always.</exception>
    internal void Unload(Domain domain)
    {
        lock (domain.ReloadLock)
        {
            if (!domain.IsLoaded)
            {
                throw new BootException($"{domain.Name} is not loaded");
            }

            RefuseUnlessDispensable(domain);
            domain.MarkUnloaded();
            factory.DropStandbys(domain);
            if (domain.Current is { } present)
            {
                Kill(present, "it was taken out of the system");
            }

            domain.LoadSignal?.SignalAll();
        }
    }

    private static void RefuseUnlessDispensable(Domain domain)
    {
        if (!domain.MayBeAbsent)
        {
            throw new BootException($"{domain.Name} has no shadow that could do without it");
        }
    }

    /// <summary>There is nothing to be brought up: sees to it that what there was is fenced and let go.</summary>
    private Reply<uint, DomainError> RefuseAbsent(Domain domain)
    {
        if (domain.Current is { } gone)
        {
            Die(gone, "it was taken out of the system", EventIds.DomainKilled);
            reclaimer.Add(gone);
        }

        return DomainError.NotLoaded;
    }
}
