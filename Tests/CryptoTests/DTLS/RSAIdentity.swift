/// A self-signed certificate with an RSA key, as older media stacks have them; made for these tests.
enum RSAIdentity {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIC/zCCAeegAwIBAgIUHBuQ2yBW22DNySvvWMnqHONF09wwDQYJKoZIhvcNAQEL
        BQAwDjEMMAoGA1UEAwwDcnNhMCAXDTI2MTEyNzAyMzMyMloYDzIxMjYxMTAzMDIz
        MzIyWjAOMQwwCgYDVQQDDANyc2EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK
        AoIBAQCjL8pchOCAQaymxQz2WDqVwEmuJmvyx7G58SgT7g5302SiohnP4tUo4k65
        TZgVrT6AA9anb+7A87Hsegy2R8eNEO1NMVBdnOgHA074n0OdG7rCs765RqAvyNqN
        v/da+1wM+9jAULi5PWBh2IRHyeuyDEjTCU8IHKD49GjBmMcgkT1zfM6AWI/4Jz9x
        92DdnywTOJL/rfO/S3fRzf75RpbrrZpgEoEP9hVhqqUGtTzhmaMgzxPhnE5Mr0yE
        QWe4d7/g4nCenHZBf7FfNToH55MoseT4kOQB/8dfnY/3p06mMSz+Z66wf+uA9gdv
        cgW2KbLB5qt0b2J9PsJ5kuoTRfdJAgMBAAGjUzBRMB0GA1UdDgQWBBRKCMTLt7yP
        mz6ygWs6j15E0gzOIjAfBgNVHSMEGDAWgBRKCMTLt7yPmz6ygWs6j15E0gzOIjAP
        BgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCbFRRw6PHBT52p+Gzr
        I7fPWqVqGmWARenzmFWSv6QtgmXWCZLePh/ZEEphjHF13MpeB93X3OIf3fGJpi4r
        U7a84UrVux1B7/ddeAlT5Gvs0+hu0OVomykUMx9I/BBPdCUWbrXui/SZ9wo2Sfdo
        JiVD6V0KOk4Tq7zG3Ps7/nWwaedcs01NW3/JVMtdyKmNyt3D6PuHgLvE843JSHF2
        Qd1d7cckA9nlamCkDGdk+FDekMClXcuNRM3++ACxDzDFNEWdjl0NN1iCY7NReQTM
        O8QSBi2EEBVUHWyba1YW/eycxioEQiKvfomqMusW4ECLsf4afKfT1DQHW03Cqr4p
        orHj
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCjL8pchOCAQaym
        xQz2WDqVwEmuJmvyx7G58SgT7g5302SiohnP4tUo4k65TZgVrT6AA9anb+7A87Hs
        egy2R8eNEO1NMVBdnOgHA074n0OdG7rCs765RqAvyNqNv/da+1wM+9jAULi5PWBh
        2IRHyeuyDEjTCU8IHKD49GjBmMcgkT1zfM6AWI/4Jz9x92DdnywTOJL/rfO/S3fR
        zf75RpbrrZpgEoEP9hVhqqUGtTzhmaMgzxPhnE5Mr0yEQWe4d7/g4nCenHZBf7Ff
        NToH55MoseT4kOQB/8dfnY/3p06mMSz+Z66wf+uA9gdvcgW2KbLB5qt0b2J9PsJ5
        kuoTRfdJAgMBAAECggEAC0pAUmQBEkPjmYrS3uzzagPqimlvGNYXEORt35RzR3gG
        eOKv2Cb7P2pfhEjUMlUQ7hNrPkdWDzRtBWLbo/WAXrKimwTD6M4fwXMe+2rYEd5m
        w+y3+nfil5u/qdnzrPBCCfCXVOrgyjQZtHtMikOekmwbfQ+iT6SHazdMU28/Vkc0
        ckodVfYitHSWVKFhT+Cew5yJU2f8j1VoJL9OrNB+lRtPDul80e+8U2gGPbuodn/C
        16MhnvLJ5lWJz5+d2BHV419bubcoEnIir8J8um0il3ZaQNba73UvcERiLQDlFJWz
        clfQx6VQSCd1CvDnTwBh9Q73HTvrgXWBwSFuD33l2QKBgQDdjdRXBDUXrThQyCus
        aCox0Oh8ceCuAOMow0UmWS7PtWgIZ+AbjpcVSMXFUofwBdcoTxiiX6lhSDkFeWu/
        d0gDY+HW6Z7YsOT5k6jT1+4L5ktN8hPmasmmvD4w/4jRYUS1AvvbZH/kXXhNSSYQ
        QOldC2TuFm3JmU5YjAJFoBKl1QKBgQC8jttBScl9vGlIwu/VUqv/3R6CmmmYBp83
        uHkgXE/vBShS61JDvK3tJZZUUTehe8FZoFb2yW7C1bAwJeIUkCLMw+vYg8rSnOQ9
        kI54Vbd4CbCKZ7J7BKcZzyYOw7OC5cgif7YjjqfQGeXxC0iV2Rcj19Kb9bGu3qGS
        6QwU845BpQKBgQDGrJWahnJZzgKvJiFL1Ijp7S1d0vyo7LDHb/wFfHnm1wT4bLXh
        4EcJVh3Lacvu6D3drrgne2M3kn1XtF9z7bINIDd38j14kYBzcf82IO8diqFCv28q
        893qf+nBJJT7NZ9YNtnFDmVFUrA7lfnlH2BlCH+0pTZETw6bhsnOx9GRFQKBgH09
        AWIO6VarMt7SI0v0GivaqS4j82i3VT9ENqeIyMrACTVx+XTmODtgEMY2H5YRRa4K
        8lf+GKQuHFUOhGgWCBcrNlXby3YyIOLHRemlPTPsc6aqE4Dj6T0aOnPqBiw2BMTt
        QIPDd7Cf0vtT/EUTKOx0p/1QplC4rGaQhabQ0jbFAoGAYydZv7tNGLRLarupdDLa
        nJalXvYQyAKVKy5aG6WpZchZR/+5liGtXalkZMlWAuG0l7DSGjIwILBPWr2j8ohC
        s/ROzlZWsspqdlOTuLHL+Tu9QD/tQjTbPKPgl38dHmph5Q0XuUTD+y1rhkdyubQX
        jo+eEzT5AOCtAvJ+3Shg8W4=
        -----END PRIVATE KEY-----
        """
}
